import { type Ref, useEffect, useImperativeHandle, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { SideNames } from '../../state/pair-parts.ts';
import { indexOfCell } from '../../state/shown-slice.ts';
import type { ShownPart, ValueTiles } from '../../state/value-tiles.ts';
import { type CellBlock, type CellView, cornersOf } from '../../ui/cell-source.ts';
import { type ColourScale, tintOf } from '../../ui/colour-scale.ts';
import { exactWord } from '../../ui/number-format.ts';
import { Segments } from '../../ui/Segments.tsx';
import { type GridHandle, ValueGrid } from '../../ui/ValueGrid.tsx';
import { kindOf } from '../number-source.ts';
import { ReadFailure } from '../ReadFailure.tsx';
import s from './diff.module.css';
import { type DiffFace, deltaKind, diffSource, LINES, subtract } from './diff-source.ts';

export interface NumbersHandle {
  show(row: number, column: number): void;
}

interface DiffNumbersProps {
  readonly ref: Ref<NumbersHandle>;
  readonly names: SideNames;
  readonly parts: readonly [ShownPart, ShownPart];
  readonly tiles: readonly [ValueTiles, ValueTiles];
  readonly deltaScale: ColourScale;
  readonly keyText: string;
  /** In cells of the sheet. */
  readonly selected: CellBlock | undefined;
  readonly onSelect: (block: CellBlock) => void;
  readonly onView: (view: CellView) => void;
}

/** A character of the grid's font at 12 pixels, and the room beside a number. */
const [CHARACTER, CELL_ROOM] = [7.2, 17];

/** The numbers of both and what is between them. */
export function DiffNumbers({
  ref,
  names,
  parts,
  tiles,
  deltaScale,
  keyText,
  selected,
  onSelect,
  onView,
}: DiffNumbersProps) {
  const [face, setFace] = useState<DiffFace>('together');
  const [tilesA, tilesB] = tiles;
  const [partA, partB] = parts;
  const source = useMemo(
    () =>
      diffSource({
        parts: [partA, partB],
        tiles: [tilesA, tilesB],
        face,
        names,
        groundOf: (delta) => tintOf(deltaScale, delta),
      }),
    [partA, partB, tilesA, tilesB, face, names, deltaScale],
  );
  const [characters, setCharacters] = useState(0);
  useEffect(() => source.subscribe(() => setCharacters(source.widest())), [source]);
  const grid = useRef<GridHandle>(null);
  const lines = face === 'together' ? LINES : 1;
  useImperativeHandle(ref, () => ({
    show: (row, column) => grid.current?.show(row * lines + (lines - 1), column),
  }));
  const inLines = selected && {
    ...selected,
    row: selected.row * lines + (lines - 1),
    fromRow: selected.fromRow * lines + (lines - 1),
  };
  const copy = () => {
    if (!selected) return;
    const { rows, columns } = cornersOf(selected);
    void navigator.clipboard.writeText(deltaLines(parts, tiles, rows, columns));
  };
  const last = source.rowHead(Math.max(0, source.rows - lines)).length;
  return (
    <section className={s.numbers} aria-label="Numbers">
      <div className={s.numbersHead}>
        <Segments
          label="Numbers"
          value={face}
          options={[
            ['together', `${names.join(', ')} and Δ`],
            ['delta', 'Δ only'],
          ]}
          onChange={setFace}
        />
      </div>
      <div className={s.grid}>
        <ValueGrid
          key={face}
          ref={grid}
          label={`Difference of ${keyText}`}
          source={source}
          columnWidth={Math.ceil(Math.max(source.widest(), characters) * CHARACTER + CELL_ROOM)}
          headWidth={Math.max(52, 20 + CHARACTER * last)}
          selected={inLines}
          onSelect={(block) =>
            onSelect({
              ...block,
              row: Math.floor(block.row / lines),
              fromRow: Math.floor(block.fromRow / lines),
            })
          }
          onView={(view) => onView({ ...view, top: view.top / lines, rows: view.rows / lines })}
          onCopy={copy}
        />
        <ReadFailure tiles={tilesA} />
        <ReadFailure tiles={tilesB} />
      </div>
      <SelectedCell names={names} parts={parts} tiles={tiles} selected={selected} />
    </section>
  );
}

/** Where the keyboard stands, with both numbers and their difference in full. */
function SelectedCell({
  names,
  parts,
  tiles,
  selected,
}: Pick<DiffNumbersProps, 'names' | 'parts' | 'tiles' | 'selected'>) {
  const [partA, partB] = parts;
  const read = (i: 0 | 1) => selected && tiles[i].valueAt(selected.row, selected.column);
  const a = useSyncExternalStore(tiles[0].subscribe, () => wordOf(partA, read(0)));
  const b = useSyncExternalStore(tiles[1].subscribe, () => wordOf(partB, read(1)));
  const [valueA, valueB] = [read(0), read(1)];
  const delta =
    valueA === undefined || valueB === undefined ? '' : exactWord(subtract(valueA, valueB), deltaKind(partA, partB));
  const index = selected && indexOfCell(partA.shown, selected.row, selected.column);
  return (
    <dl className={`mono ${s.cellBar}`}>
      <dt>{index ? `[${index.join(', ')}]` : 'No cell chosen'}</dt>
      {[
        [names[0], a],
        [names[1], b],
        ['Δ', delta],
      ].map(([name, text]) => (
        <dd key={name}>
          <b data-side={name}>{name}</b> {text || '–'}
        </dd>
      ))}
    </dl>
  );
}

const wordOf = (part: ShownPart, value: ReturnType<ValueTiles['valueAt']>): string =>
  value === undefined ? '' : exactWord(value, kindOf(part, false));

interface Range {
  readonly from: number;
  readonly to: number;
}

/** The differences of a block that are here, as spreadsheets take them. */
function deltaLines(
  [partA, partB]: DiffNumbersProps['parts'],
  [tilesA, tilesB]: DiffNumbersProps['tiles'],
  rows: Range,
  columns: Range,
): string {
  const kind = deltaKind(partA, partB);
  const lines: string[] = [];
  for (let row = rows.from; row < rows.to; row++) {
    const words: string[] = [];
    for (let column = columns.from; column < columns.to; column++) {
      const [a, b] = [tilesA.valueAt(row, column), tilesB.valueAt(row, column)];
      words.push(a === undefined || b === undefined ? '' : exactWord(subtract(a, b), kind));
    }
    lines.push(words.join('\t'));
  }
  return lines.join('\n');
}
