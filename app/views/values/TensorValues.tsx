import { useEffect, useMemo, useRef, useState } from 'react';
import type { TensorValue } from '../../../src-core/index.ts';
import type { EntryDetail, OpenedDocument } from '../../state/engine.ts';
import { sheetOf } from '../../state/shown-slice.ts';
import { type ShownPart, valueTiles } from '../../state/value-tiles.ts';
import { useShownSlice, useValues } from '../../state/values.ts';
import type { CellBlock } from '../../ui/cell-source.ts';
import { type GridHandle, ValueGrid } from '../../ui/ValueGrid.tsx';
import { numberSource } from './number-source.ts';
import { SliceBar } from './SliceBar.tsx';
import s from './values.module.css';

interface TensorValuesProps {
  readonly document: OpenedDocument;
  readonly detail: EntryDetail;
  readonly tensor: TensorValue;
}

export function TensorValues({ document, detail, tensor }: TensorValuesProps) {
  const { entry } = detail;
  const shown = useShownSlice(document.id, entry.id, tensor.shape);
  const raw = useValues((state) => state.raw);
  const part = useMemo<ShownPart>(
    () => ({ document: document.id, entry: entry.id, tensor, shown, raw: raw && tensor.quant !== undefined }),
    [document.id, entry.id, tensor, shown, raw],
  );
  const tiles = useMemo(() => valueTiles(part), [part]);
  useEffect(() => tiles.stop, [tiles]);
  const source = useMemo(() => numberSource(part, tiles), [part, tiles]);
  const [selected, setSelected] = useState<CellBlock>();
  const grid = useRef<GridHandle>(null);
  const sheet = sheetOf(shown);
  return (
    <div className={s.view}>
      <SliceBar document={document.id} entry={entry.id} shape={tensor.shape} shown={shown} />
      <div className={s.sheet}>
        <ValueGrid
          ref={grid}
          label={`Values of ${entry.key}`}
          source={source}
          columnWidth={source.widest() * 7.2 + 17}
          headWidth={Math.max(44, 18 + 7 * String(sheet.rows).length)}
          selected={selected}
          onSelect={setSelected}
          onCopy={() => undefined}
        />
      </div>
    </div>
  );
}
