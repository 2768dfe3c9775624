import { type DType, familyOf, formatSlice, type TensorValue } from '../../src-core/index.ts';
import type { DocumentId } from '../engine/api.ts';
import { engine } from './engine.ts';
import { painted } from './painted.ts';
import { type Shown, type Span, sheetOf, sliceOfBlock } from './shown-slice.ts';
import { tileGrid } from './tile-grid.ts';
import { type WindowReads, windowCache } from './window-cache.ts';

/** What is shown of which tensor. */
export interface ShownPart {
  readonly document: DocumentId;
  readonly entry: number;
  readonly tensor: TensorValue;
  readonly shown: Shown;
  /** Stored integers of a quantised tensor, codes of a packed weight. */
  readonly raw: boolean;
}

/** A number of a tensor; a pair for complex types. */
export type CellValue = number | bigint | readonly [re: number, im: number];

/** Numbers of the sheet, of which those near what is on screen are here. */
export interface ValueTiles extends WindowReads {
  /** Undefined while it is not here. */
  valueAt(row: number, column: number): CellValue | undefined;
  /** Tells what is on screen. */
  want(rows: Span, columns: Span): void;
  /** Some numbers that are here, to choose how all are written. */
  someValues(): ArrayLike<number | bigint> | undefined;
  /** Whether they are the stored integers of a quantised tensor; undefined while nobody knows, and for other tensors. */
  isStored(): boolean | undefined;
}

/** One read brings all numbers that lie between two that are shown, so a tile is flat where the storage is dense. */
const [TILE_SLOW, TILE_FAST] = [32, 128];
/** Sheets up to this size are read in one piece. */
const ONE_TILE = 16_384;
/** At 8 bytes a number and 4,096 numbers a tile: 8 MB. */
const KEPT = 256;

interface Tile {
  readonly values: ArrayLike<number | bigint>;
  readonly rows: Span;
  readonly columns: Span;
  readonly rowStep: number;
  readonly columnStep: number;
}

/** Elements from one row to the next and from one column to the next, in the storage. */
export function strideOf(tensor: TensorValue, axis: number | undefined): number {
  if (axis === undefined) return Number.POSITIVE_INFINITY;
  if (tensor.strides) return tensor.strides[axis] ?? 0;
  return tensor.shape.slice(axis + 1).reduce((product, dim) => product * dim, 1);
}

export const isComplex = (dtype: DType): boolean => familyOf(dtype) === 'complex';

/** Sheets whose tiles are kept: what is read ahead is found by who draws it, and a step back is at once. */
const SHEETS = 4;
const sheets = new Map<string, ValueTiles>();

/** The same for what shows the same. */
export const partKey = ({ document, entry, shown, raw }: ShownPart): string =>
  JSON.stringify([document, entry, shown, raw]);

/** The tiles of a part; the same while it is one of the last that were asked for. */
export function valueTiles(part: ShownPart): ValueTiles {
  const key = partKey(part);
  const tiles = sheets.get(key) ?? makeTiles(part);
  sheets.delete(key);
  sheets.set(key, tiles);
  for (const oldest of sheets.keys()) {
    if (sheets.size <= SHEETS) break;
    sheets.delete(oldest);
  }
  return tiles;
}

export function forgetTiles(document: DocumentId): void {
  for (const key of sheets.keys()) if (key.startsWith(`[${document},`)) sheets.delete(key);
}

function makeTiles(part: ShownPart): ValueTiles {
  const { document, entry, tensor, shown, raw } = part;
  const sheet = sheetOf(shown);
  const rowsAreSlow = Math.abs(strideOf(tensor, shown.rows)) >= Math.abs(strideOf(tensor, shown.columns));
  const whole = sheet.rows * sheet.columns <= ONE_TILE;
  const tileRows = whole ? sheet.rows : rowsAreSlow ? TILE_SLOW : TILE_FAST;
  const tileColumns = whole || sheet.wrapped ? sheet.columns : rowsAreSlow ? TILE_FAST : TILE_SLOW;
  const grid = tileGrid(sheet, { rows: tileRows, columns: tileColumns });
  const width = isComplex(tensor.dtype) ? 2 : 1;
  let some: Tile | undefined;
  let stored: boolean | undefined;

  const read = async (key: string, signal: AbortSignal): Promise<Tile> => {
    const { rows, columns } = grid.spansOf(key);
    const slice = formatSlice(sliceOfBlock(shown, rows, columns), tensor.shape);
    const { values, raw: isRaw } = await engine().values({ document, entry, slice, raw }, { signal });
    // The answer keeps the tensor's order of axes; turned round, rows are the inner one.
    const turned = shown.rows !== undefined && shown.columns !== undefined && shown.rows > shown.columns;
    const tile = {
      values,
      rows,
      columns,
      rowStep: turned ? 1 : columns.to - columns.from,
      columnStep: turned ? rows.to - rows.from : 1,
    };
    some ??= tile;
    stored = isRaw;
    return tile;
  };

  const cache = windowCache({ read, keep: KEPT, rest: painted });

  return {
    valueAt(row, column) {
      const tile = cache.get(grid.keyAt(row, column));
      if (!tile) return undefined;
      const at = ((row - tile.rows.from) * tile.rowStep + (column - tile.columns.from) * tile.columnStep) * width;
      const value = tile.values[at];
      return width === 1 || value === undefined ? value : [value as number, tile.values[at + 1] as number];
    },
    want(rows, columns) {
      const { inSight, near } = grid.around(rows, columns);
      cache.want(inSight, near);
    },
    someValues: () => some?.values,
    isStored: () => stored,
    ...cache.reads,
  };
}
