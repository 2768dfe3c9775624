import { type EntryId, formatSlice, type TensorValue, wholeSlice } from '../../src-core/index.ts';
import type { DocumentId } from '../engine/api.ts';
import { engine } from './engine.ts';
import { painted } from './painted.ts';
import { cutRange, type Range, type Span } from './shown-slice.ts';
import { tileGrid } from './tile-grid.ts';
import { type WindowReads, windowCache } from './window-cache.ts';

/** A tensor as small images in rows and columns: kernels by output and input channel, or the planes of one picture. */
export interface ImageSheet {
  readonly rows: number;
  readonly columns: number;
  readonly height: number;
  readonly width: number;
  /** The axes that rows and columns go along; a sheet without rows has one. */
  readonly rowAxis?: number;
  readonly columnAxis: number;
}

/** A kernel is no larger than this: what is, is rather a batch of matrices. */
const MOST_KERNEL = 64;
/** The smallest picture; of [3, 8, 7] nobody would say it is one. */
const LEAST_PICTURE = 9;

/** How a tensor is images: by its shape, which is a guess. */
export function imageSheetOf(shape: readonly number[]): ImageSheet | undefined {
  if (shape.includes(0)) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = shape;
  if (shape.length === 4 && c <= MOST_KERNEL && d <= MOST_KERNEL)
    return { rows: a, columns: b, height: c, width: d, rowAxis: 0, columnAxis: 1 };
  if (shape.length !== 3) return undefined;
  if ((a === 1 || a === 3) && b >= LEAST_PICTURE && c >= LEAST_PICTURE)
    return { rows: 1, columns: a, height: b, width: c, columnAxis: 0 };
  if (c <= MOST_KERNEL) return { rows: a, columns: b, height: 1, width: c, rowAxis: 0, columnAxis: 1 };
  return undefined;
}

/** Images of which those near what is on screen are here. */
export interface KernelTiles extends WindowReads {
  /** Height × width numbers, undefined while they are not here. */
  imageAt(row: number, column: number): Float64Array | undefined;
  want(rows: Span, columns: Span): void;
}

export interface KernelPart {
  readonly document: DocumentId;
  readonly entry: EntryId;
  readonly tensor: TensorValue;
  readonly raw: boolean;
}

/** Numbers of one tile and of the sample for the scale: some hundred kernels. */
const TILE_VALUES = 16_384;
const KEPT = 128;

export function kernelTiles(part: KernelPart, sheet: ImageSheet): KernelTiles {
  const area = sheet.height * sheet.width;
  const side = Math.max(1, Math.min(16, Math.floor(Math.sqrt(TILE_VALUES / area))));
  const grid = tileGrid(sheet, { rows: side, columns: side });
  const cache = windowCache<Float64Array>({
    keep: KEPT,
    rest: painted,
    read: (key, signal) => {
      const { rows, columns } = grid.spansOf(key);
      return readImages(part, sheet, rows, columns, signal);
    },
  });
  return {
    imageAt(row, column) {
      const key = grid.keyAt(row, column);
      const { rows, columns } = grid.spansOf(key);
      const at = ((row - rows.from) * (columns.to - columns.from) + (column - columns.from)) * area;
      return cache.get(key)?.subarray(at, at + area);
    },
    want(rows, columns) {
      const { inSight, near } = grid.around(rows, columns);
      cache.want(inSight, near);
    },
    ...cache.reads,
  };
}

/** Some of all images, evenly spaced, so that one scale serves them. */
export function sampleImages(part: KernelPart, sheet: ImageSheet, signal: AbortSignal): Promise<Float64Array> {
  const images = Math.max(1, Math.floor(TILE_VALUES / (sheet.height * sheet.width)));
  const across = Math.min(sheet.columns, Math.ceil(Math.sqrt(images)));
  const down = Math.min(sheet.rows, Math.ceil(images / across));
  const spread = (count: number, of: number): Span => ({ from: 0, to: of, step: Math.ceil(of / count) });
  return readImages(part, sheet, spread(down, sheet.rows), spread(across, sheet.columns), signal);
}

async function readImages(
  { document, entry, tensor, raw }: KernelPart,
  { rowAxis, columnAxis }: ImageSheet,
  rows: Span,
  columns: Span,
  signal: AbortSignal,
): Promise<Float64Array> {
  const slice = wholeSlice(tensor.shape).map((item, axis) => {
    if (axis === rowAxis) return cutRange(item as Range, rows.from, rows.to, rows.step);
    return axis === columnAxis ? cutRange(item as Range, columns.from, columns.to, columns.step) : item;
  });
  const { values } = await engine().values(
    { document, entry, slice: formatSlice(slice, tensor.shape), raw },
    { signal },
  );
  return values instanceof Float64Array ? values : Float64Array.from(values, Number);
}
