import { type Ref, useEffect, useImperativeHandle, useMemo, useRef, useState } from 'react';
import { partsOf, SIDE_NAMES, subtractSamples, type TensorPair } from '../../state/pair-parts.ts';
import { indexOfCell, type Shown, sheetOf } from '../../state/shown-slice.ts';
import type { ValueSample } from '../../state/value-sample.ts';
import { valueTiles } from '../../state/value-tiles.ts';
import { ColourBar } from '../../ui/ColourBar.tsx';
import type { CellBlock, CellView } from '../../ui/cell-source.ts';
import { type ColourScale, scaleFor } from '../../ui/colour-scale.ts';
import { Heatmap, type HeatmapHandle, type Place } from '../../ui/Heatmap.tsx';
import { exactWord } from '../../ui/number-format.ts';
import { shortNumber } from '../short-number.ts';
import { useSample } from '../use-sample.ts';
import { DiffNumbers, type NumbersHandle } from './DiffNumbers.tsx';
import s from './diff.module.css';

export interface SheetsHandle {
  select(row: number, column: number): void;
}

interface PairSheetsProps {
  readonly ref: Ref<SheetsHandle>;
  readonly tensors: TensorPair;
  readonly shown: Shown;
  readonly keyText: string;
}

/** The most that a picture is drawn high, with the line below it: cells of few rows are drawn no larger than they need be. */
const heightOf = (rows: number): number => Math.min(250, rows * 44 + 26);

/** So much wider than high, pictures stand better one under the other. */
const LONG = 3;
const NO_NUMBERS = new Float64Array();

/** The slice of A, of B and their difference: three pictures and one grid, with one cursor. */
export function PairSheets({ ref, tensors, shown, keyText }: PairSheetsProps) {
  const names = tensors.names ?? SIDE_NAMES;
  const [partA, partB] = useMemo(() => partsOf(tensors, shown), [tensors, shown]);
  const [tilesA, tilesB] = useMemo(() => [valueTiles(partA), valueTiles(partB)], [partA, partB]);
  useEffect(
    () => () => {
      tilesA.stop();
      tilesB.stop();
    },
    [tilesA, tilesB],
  );
  const [sampleA, sampleB] = [useSample(partA, true), useSample(partB, true)];
  const delta = useMemo(() => sampleA && sampleB && subtractSamples(sampleA, sampleB), [sampleA, sampleB]);
  const scale = useMemo(
    () => scaleFor(join(sampleA, sampleB), { ramp: 'auto', range: 'percentile' }),
    [sampleA, sampleB],
  );
  const deltaScale = useMemo(() => scaleOfDelta(delta), [delta]);
  const [selected, setSelected] = useState<CellBlock>();
  const heatmaps = [useRef<HeatmapHandle>(null), useRef<HeatmapHandle>(null), useRef<HeatmapHandle>(null)];
  const numbers = useRef<NumbersHandle>(null);
  const sheet = sheetOf(shown);
  const isThere = selected && selected.row < sheet.rows && selected.column < sheet.columns ? selected : undefined;
  const mark = (place: Place | undefined) => {
    for (const heatmap of heatmaps) heatmap.current?.setMark(place ?? isThere, place !== undefined);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the mark stands on the selected cell, whatever was drawn since
  useEffect(() => mark(undefined), [isThere, sampleA, sampleB, delta]);
  const setFrame = (view: CellView) => {
    for (const heatmap of heatmaps) heatmap.current?.setFrame(view);
  };
  const select = (row: number, column: number) => {
    setSelected({ row, column, fromRow: row, fromColumn: column });
    numbers.current?.show(row, column);
  };
  useImperativeHandle(ref, () => ({ select }));

  const picture = (i: number, name: string, sample: ValueSample | undefined, of: ColourScale) => (
    <section className={s.picture} aria-label={`Heatmap of ${name}`}>
      <h2>
        <b data-side={name}>{name}</b>
        {name === 'Δ' && (
          <span>
            {names[1]} − {names[0]}
          </span>
        )}
      </h2>
      <div
        className={s.frame}
        style={{ aspectRatio: `${sheet.columns} / ${sheet.rows}`, maxHeight: heightOf(sheet.rows) }}
      >
        <Heatmap
          ref={heatmaps[i]!}
          label={`Heatmap of ${name}, ${keyText}`}
          rows={sheet.rows}
          columns={sheet.columns}
          count={sheet.count}
          picture={sample}
          scale={of}
          describe={(row, column, value) =>
            `[${indexOfCell(shown, row, column).join(', ')}]  ${exactWord(value, 'float')}`
          }
          onMove={(row, column) => select(Math.floor(row), Math.floor(column))}
          onPoint={mark}
        />
      </div>
      <ColourBar scale={of} write={shortNumber} odd={oddOf(sample, sheet)} />
    </section>
  );

  return (
    <>
      {shown.columns !== undefined && (
        <div className={s.pictures} data-long={sheet.columns > LONG * sheet.rows || undefined}>
          {picture(0, names[0], sampleA, scale)}
          {picture(1, names[1], sampleB, scale)}
          {picture(2, 'Δ', delta, deltaScale)}
        </div>
      )}
      <DiffNumbers
        ref={numbers}
        names={names}
        parts={[partA, partB]}
        tiles={[tilesA, tilesB]}
        deltaScale={deltaScale}
        keyText={keyText}
        selected={isThere}
        onSelect={setSelected}
        onView={setFrame}
      />
    </>
  );
}

/** One scale for both sides: what has the same colour is the same number. */
function join(a: ValueSample | undefined, b: ValueSample | undefined): Float64Array {
  const [x, y] = [a?.values ?? NO_NUMBERS, b?.values ?? NO_NUMBERS];
  const all = new Float64Array(x.length + y.length);
  all.set(x);
  all.set(y, x.length);
  return all;
}

/** Without the outer hundredth, unless little but that differs. */
function scaleOfDelta(delta: ValueSample | undefined): ColourScale {
  const values = delta?.values ?? NO_NUMBERS;
  const middle = scaleFor(values, { ramp: 'diverging', range: 'percentile' });
  return middle.high > 0 ? middle : scaleFor(values, { ramp: 'diverging', range: 'symmetric' });
}

function oddOf(
  sample: ValueSample | undefined,
  sheet: { readonly rows: number; readonly columns: number; readonly count: number },
): number {
  const holes = sheet.rows * sheet.columns - sheet.count;
  return (sample?.values.filter((value) => !Number.isFinite(value)).length ?? 0) - holes;
}
