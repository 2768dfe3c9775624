import { useMemo, useState } from 'react';
import type { RunTensor } from '../../../src-core/index.ts';
import { ColourBar } from '../../ui/ColourBar.tsx';
import type { CellBlock } from '../../ui/cell-source.ts';
import { scaleFor } from '../../ui/colour-scale.ts';
import { Heatmap } from '../../ui/Heatmap.tsx';
import { Histogram } from '../../ui/Histogram.tsx';
import { exactWord } from '../../ui/number-format.ts';
import { Segments } from '../../ui/Segments.tsx';
import { ValueGrid } from '../../ui/ValueGrid.tsx';
import { shortNumber } from '../short-number.ts';
import { arraySource, pictureOf, sheetOf } from './array-source.ts';
import { countValues } from './count-values.ts';
import s from './run.module.css';
import { type PlaceNames, TopNames } from './TopNames.tsx';

type Face = 'top' | 'numbers' | 'heatmap' | 'histogram';

interface OutputFacesProps {
  readonly label: string;
  readonly tensor: RunTensor;
  readonly other: RunTensor | undefined;
  /** What the places of the last axis stand for. */
  readonly names: PlaceNames | undefined;
  /** Their numbers, where they may stand for classes. */
  readonly places: PlaceNames | undefined;
}

/** An output as the likeliest names, numbers, a picture, or how often each value occurs. */
export function OutputFaces({ label, tensor, other, names, places }: OutputFacesProps) {
  const [chosen, setFace] = useState<Face>();
  const isMany = tensor.data.length > 1;
  const faces: readonly (readonly [Face, string])[] = [
    ...(names ? [['top', 'Likeliest'] as const] : []),
    ['numbers', 'Numbers'],
    ...(!names && places ? [['top', 'Likeliest'] as const] : []),
    ...(isMany ? [['heatmap', 'Heatmap'] as const, ['histogram', 'Histogram'] as const] : []),
  ];
  const face = faces.find(([id]) => id === chosen)?.[0] ?? faces[0]![0];
  const [side, setSide] = useState<'now' | 'other' | 'change'>('now');
  const shown = useMemo(() => (other ? pickSide(tensor, other, side) : tensor), [tensor, other, side]);
  return (
    <div className={s.faces}>
      <div className={s.tools}>
        <Segments label={`Show ${label} as`} value={face} options={faces} onChange={setFace} />
        {other && face !== 'top' && (
          <Segments
            label="Which run"
            value={side}
            options={[
              ['now', 'This'],
              ['other', 'Beside'],
              ['change', 'Δ'],
            ]}
            onChange={setSide}
          />
        )}
      </div>
      {face === 'top' && <TopNames tensor={tensor} other={other} names={names ?? places ?? { labels: [] }} />}
      {face === 'numbers' && <Numbers label={label} tensor={shown} />}
      {face === 'heatmap' && <Picture label={label} tensor={shown} isChange={side === 'change'} />}
      {face === 'histogram' && <Distribution label={label} tensor={shown} />}
    </div>
  );
}

function pickSide(tensor: RunTensor, other: RunTensor, side: 'now' | 'other' | 'change'): RunTensor {
  if (side === 'now') return tensor;
  if (side === 'other') return other;
  const before = other.data;
  return {
    dtype: 'f32',
    shape: tensor.shape,
    data: Float32Array.from(tensor.data as ArrayLike<number>, (value, i) => Number(value) - Number(before[i])),
  };
}

const ROOM_FOR_ROWS = 12;
const CELL_WIDTH = 86;
const HEAD_WIDTH = 64;

function Numbers({ label, tensor }: { readonly label: string; readonly tensor: RunTensor }) {
  const source = useMemo(() => arraySource(tensor), [tensor]);
  const [selected, setSelected] = useState<CellBlock>();
  const copy = () => {
    if (selected) void navigator.clipboard.writeText(source.textOf(selected));
  };
  return (
    <div className={s.grid} style={{ height: 26 + 24 * Math.min(ROOM_FOR_ROWS, source.rows) + 12 }}>
      <ValueGrid
        label={`Numbers of ${label}`}
        source={source}
        columnWidth={CELL_WIDTH}
        headWidth={HEAD_WIDTH}
        selected={selected}
        onSelect={setSelected}
        onCopy={copy}
      />
    </div>
  );
}

interface PictureProps {
  readonly label: string;
  readonly tensor: RunTensor;
  readonly isChange: boolean;
}

function Picture({ label, tensor, isChange }: PictureProps) {
  const sheet = sheetOf(tensor.shape);
  const picture = useMemo(() => pictureOf(tensor), [tensor]);
  const scale = useMemo(
    () => scaleFor(picture.values, { ramp: isChange ? 'diverging' : 'auto', range: 'percentile' }),
    [picture, isChange],
  );
  return (
    <div className={s.picture}>
      <div
        className={s.frame}
        style={{ aspectRatio: `${sheet.columns} / ${sheet.rows}`, maxHeight: Math.min(280, sheet.rows * 40 + 26) }}
      >
        <Heatmap
          label={`Heatmap of ${label}`}
          rows={sheet.rows}
          columns={sheet.columns}
          count={tensor.data.length}
          picture={picture}
          scale={scale}
          describe={(row, column, value) => `[${sheet.indexOf(row, column).join(', ')}]  ${exactWord(value, 'float')}`}
        />
      </div>
      <ColourBar scale={scale} write={shortNumber} odd={0} />
    </div>
  );
}

function Distribution({ label, tensor }: { readonly label: string; readonly tensor: RunTensor }) {
  const columns = useMemo(() => countValues(tensor.data), [tensor]);
  if (!columns) return <p className={s.soft}>No finite values</p>;
  return (
    <Histogram
      label={`Histogram of ${label}`}
      {...columns}
      scale="linear"
      hint="How often each value occurs"
      height={170}
    />
  );
}
