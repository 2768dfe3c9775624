import type { SideNames } from '../../state/pair-parts.ts';
import { sheetOf } from '../../state/shown-slice.ts';
import type { CellValue, ShownPart, ValueTiles } from '../../state/value-tiles.ts';
import type { Cell, CellSource } from '../../ui/cell-source.ts';
import { formatFor, isOdd, type NumberFormat, type NumberKind } from '../../ui/number-format.ts';
import { kindOf, numberSource } from '../number-source.ts';

/** `together`: of each row what A has, what B has, and the difference under one another. */
export type DiffFace = 'together' | 'delta';

export const LINES = 3;
const DELTA_DIGITS = 4;

export interface DiffSource extends CellSource {
  /** Characters of the widest word so far. */
  widest(): number;
}

interface DiffSourceOptions {
  readonly parts: readonly [ShownPart, ShownPart];
  readonly tiles: readonly [ValueTiles, ValueTiles];
  readonly face: DiffFace;
  readonly names: SideNames;
  /** The colour behind a difference. */
  readonly groundOf: (delta: number) => string | undefined;
}

/** The cells of a grid of two sheets and their difference. */
export function diffSource({ parts, tiles, face, names, groundOf }: DiffSourceOptions): DiffSource {
  const sides = [numberSource(parts[0], tiles[0]), numberSource(parts[1], tiles[1])] as const;
  const sheet = sheetOf(parts[0].shown);
  const kind = deltaKind(parts[0], parts[1]);
  let format: NumberFormat | undefined;
  let widest = 0;

  const deltaCell = (row: number, column: number): Cell | 'waiting' | 'none' => {
    if (row * sheet.columns + column >= sheet.count) return 'none';
    const [a, b] = tiles.map((of) => of.valueAt(row, column)) as [CellValue | undefined, CellValue | undefined];
    if (a === undefined || b === undefined) return 'waiting';
    const delta = subtract(a, b);
    format ??= formatFor(kind, DELTA_DIGITS, someDeltas(tiles));
    const text = delta === 0 || delta === 0n ? '·' : format.write(delta);
    if (text.length > widest) widest = text.length;
    if (isOdd(delta)) return { text, tone: 'odd' };
    if (delta === 0 || delta === 0n) return { text, tone: 'faint' };
    return { text, ground: groundOf(sizeOf(delta)) };
  };

  const lines = face === 'together' ? LINES : 1;
  return {
    rows: sheet.rows * lines,
    columns: sheet.columns,
    rowHead(row) {
      const head = sides[0].rowHead(Math.floor(row / lines));
      if (lines === 1) return head;
      return row % lines === 0 ? `${head} ${names[0]}` : row % lines === 1 ? names[1] : 'Δ';
    },
    columnHead: sides[0].columnHead,
    cell(row, column) {
      const line = lines === 1 ? 2 : row % lines;
      const at = Math.floor(row / lines);
      return line === 2 ? deltaCell(at, column) : sides[line as 0 | 1].cell(at, column);
    },
    want(rows, columns) {
      const down = { from: Math.floor(rows.from / lines), to: Math.min(sheet.rows, Math.ceil(rows.to / lines)) };
      for (const of of tiles) of.want(down, columns);
    },
    subscribe(listener) {
      const stops = tiles.map((of) => of.subscribe(listener));
      return () => {
        for (const stop of stops) stop();
      };
    },
    widest: () => Math.max(widest, ...(face === 'together' ? sides.map((side) => side.widest()) : [9])),
  };
}

/** What B has more than A. Whole numbers are subtracted exactly. */
export function subtract(a: CellValue, b: CellValue): CellValue {
  if (typeof a === 'object' && typeof b === 'object') return [b[0] - a[0], b[1] - a[1]];
  if (typeof a === 'bigint' && typeof b === 'bigint') return b - a;
  return sizeOf(b) - sizeOf(a);
}

/** As a number; the magnitude of a complex one. */
const sizeOf = (value: CellValue): number =>
  typeof value === 'object' ? Math.hypot(value[0], value[1]) : Number(value);

/** The kind of a difference: whole where both are. */
export function deltaKind(a: ShownPart, b: ShownPart): NumberKind {
  const kinds = [kindOf(a, false), kindOf(b, false)];
  if (kinds.every((kind) => kind === 'complex')) return 'complex';
  return kinds.every((kind) => kind === 'whole' || kind === 'truth') ? 'whole' : 'float';
}

/** Some differences that are here, to choose how all are written. */
function someDeltas(tiles: readonly [ValueTiles, ValueTiles]): number[] {
  const [a, b] = tiles.map((of) => of.someValues());
  if (!a || !b) return [];
  return Array.from({ length: Math.min(a.length, b.length) }, (_, i) => Number(b[i]) - Number(a[i]));
}
