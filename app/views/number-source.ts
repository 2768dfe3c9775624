import { type DType, familyOf } from '../../src-core/index.ts';
import { columnHead, rowHead, sheetOf } from '../state/shown-slice.ts';
import type { CellValue, ShownPart, ValueTiles } from '../state/value-tiles.ts';
import type { Cell, CellSource } from '../ui/cell-source.ts';
import { formatFor, isOdd, type NumberFormat, type NumberKind } from '../ui/number-format.ts';

/** Significant digits that a type is good for, by bits of its significand. */
const DIGITS: Partial<Record<DType, number>> = { f64: 6, c128: 6, f32: 5, c64: 5 };
const FEW_DIGITS = 4;
const QUANT_DIGITS = 5;

export function kindOf({ tensor, raw }: Pick<ShownPart, 'tensor' | 'raw'>, stored: boolean): NumberKind {
  const family = familyOf(tensor.dtype);
  if (family === 'complex') return 'complex';
  if (family === 'bool') return 'truth';
  if (family === 'quant') return raw || stored || !tensor.quant ? 'whole' : 'float';
  return family === 'int' || family === 'uint' || family === 'other' ? 'whole' : 'float';
}

const digitsOf = (dtype: DType): number => (familyOf(dtype) === 'quant' ? QUANT_DIGITS : (DIGITS[dtype] ?? FEW_DIGITS));

export interface NumberSource extends CellSource {
  readonly kind: () => NumberKind;
  /** Characters of the widest word so far. */
  widest(): number;
}

/** The cells of a number grid. `groundOf` is the colour behind a number, where numbers are coloured. */
export function numberSource(
  part: ShownPart,
  tiles: ValueTiles,
  groundOf?: (value: CellValue) => string | undefined,
): NumberSource {
  const { shown, tensor } = part;
  const sheet = sheetOf(shown);
  const kind = () => kindOf(part, tiles.isStored() === true);
  let format: NumberFormat | undefined;
  let widest = formatFor(kind(), digitsOf(tensor.dtype)).width;

  const cell = (row: number, column: number): Cell | 'waiting' | 'none' => {
    if (row * sheet.columns + column >= sheet.count) return 'none';
    const value = tiles.valueAt(row, column);
    if (value === undefined) return 'waiting';
    // Once, by the first numbers that are here: the rest is written alike, and nothing jumps.
    format ??= formatFor(kind(), digitsOf(tensor.dtype), tiles.someValues());
    const text = format.write(value);
    if (text.length > widest) widest = text.length;
    if (isOdd(value)) return { text, tone: 'odd' };
    const isNothing = value === 0 || value === 0n;
    return { text, tone: isNothing ? 'faint' : undefined, ground: groundOf?.(value) };
  };

  return {
    rows: sheet.rows,
    columns: sheet.columns,
    rowHead: (row) => String(rowHead(shown, row)),
    columnHead: (column) => columnHead(shown, column),
    cell,
    want: tiles.want,
    subscribe: tiles.subscribe,
    kind,
    widest: () => widest,
  };
}
