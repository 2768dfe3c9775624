import { useEffect, useMemo, useState } from 'react';
import type { TensorValue } from '../../../src-core/index.ts';
import type { DocumentId, EntryDetail } from '../../state/engine.ts';
import { type ImageSheet, type KernelPart, kernelTiles, sampleImages } from '../../state/kernel-tiles.ts';
import { showSlice } from '../../state/shown-slice.ts';
import { chooseMode, chooseSlice, useValues } from '../../state/values.ts';
import { ColourBar } from '../../ui/ColourBar.tsx';
import { scaleFor } from '../../ui/colour-scale.ts';
import { KernelImages } from '../../ui/KernelImages.tsx';
import { exactWord } from '../../ui/number-format.ts';
import { ReadFailure } from '../ReadFailure.tsx';
import { shortNumber } from '../short-number.ts';
import s from './values.module.css';

interface ImagesPaneProps {
  readonly document: DocumentId;
  readonly detail: EntryDetail;
  readonly tensor: TensorValue;
  readonly sheet: ImageSheet;
  readonly raw: boolean;
}

/** Convolution kernels, or the planes of a picture, side by side. */
export function ImagesPane({ document, detail, tensor, sheet, raw }: ImagesPaneProps) {
  const { entry } = detail;
  const { ramp, range } = useValues();
  const part = useMemo<KernelPart>(
    () => ({ document, entry: entry.id, tensor, raw }),
    [document, entry.id, tensor, raw],
  );
  const { rows, columns, height, width, rowAxis } = sheet;
  const [tiles, source] = useMemo(() => {
    const tiles = kernelTiles(part, sheet);
    return [tiles, { ...tiles, ...sheet }] as const;
  }, [part, sheet]);
  useEffect(() => tiles.stop, [tiles]);
  const [sample, setSample] = useState(new Float64Array());
  useEffect(() => {
    const controller = new AbortController();
    // What fails here fails in the tiles as well, which say so.
    sampleImages(part, sheet, controller.signal).then(
      (values) => setSample(new Float64Array(values)),
      () => undefined,
    );
    return () => controller.abort();
  }, [part, sheet]);
  const scale = useMemo(() => scaleFor(sample, { ramp, range }), [sample, ramp, range]);
  const odd = useMemo(() => sample.filter((value) => !Number.isFinite(value)).length, [sample]);

  const describe = (row: number, column: number, y?: number, x?: number, value?: number): string => {
    const image = rowAxis === undefined ? [column] : [row, column];
    if (value === undefined || y === undefined || x === undefined)
      return `[${[...image, ...(tensor.shape.length - image.length === 1 ? [':'] : [':', ':'])].join(', ')}]`;
    const inside = tensor.shape.length - image.length === 1 ? [x] : [y, x];
    return `[${[...image, ...inside].join(', ')}]  ${exactWord(value, 'float')}`;
  };
  const open = (row: number, column: number) => {
    const text = rowAxis === undefined ? `${column}` : `${row}, ${column}`;
    chooseSlice(document, entry.id, tensor.shape, showSlice(text, tensor.shape));
    chooseMode('both');
  };
  return (
    <section className={s.sheet} aria-label="Images">
      <div className={s.imageHead}>
        <p>
          {rowAxis === undefined
            ? `${columns} of ${height}×${width}`
            : `axis 0 down, axis 1 across: ${rows}×${columns} of ${height}×${width}`}
        </p>
        <ColourBar scale={scale} write={shortNumber} odd={odd} />
      </div>
      <div className={s.grid}>
        <KernelImages
          label={`Images of ${entry.key}: ${rows}×${columns} of ${height}×${width}. Enter shows the numbers of one`}
          source={source}
          scale={scale}
          describe={describe}
          onOpen={open}
        />
        <ReadFailure tiles={tiles} />
      </div>
    </section>
  );
}
