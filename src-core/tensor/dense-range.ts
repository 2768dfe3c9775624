/** Elements of any view in C order, little-endian, densely packed: from one place to another, without the rest. */
import { componentsOf, type Endian } from './decode.ts';
import { bitsOf, countElements } from './dtype.ts';
import { selectElements, type TensorLayout } from './layout.ts';
import { asUnsigned, packUnsigned, sliceOfBits } from './raw-bits.ts';
import { makeValues, readSelection } from './read-selection.ts';
import { type Slice, type SliceItem, wholeSlice } from './slice.ts';
import type { ReadStored } from './stored.ts';
import { isDense, planWalk } from './walk.ts';

/** A tensor whose storage is open. */
export interface OpenInput {
  readonly layout: TensorLayout;
  readonly endian: Endian;
  /** Bytes of the storage. */
  readonly read: ReadStored;
}

/** Whether elements that follow one another in C order lie side by side. */
export const isContiguous = (layout: TensorLayout): boolean => isDense(planWalk(layout, 'logical'));

/** Elements [from, to), in memory that is the caller's. */
export async function readDense(
  input: OpenInput,
  from: number,
  to: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await peekDense(input, from, to, signal);
  if (!isContiguous(input.layout)) return bytes;
  const own = bytes.slice();
  if (input.endian === 'big') swapBytes(own, (bitsOf(input.layout.dtype) ?? 8) / 8 / componentsOf(input.layout.dtype));
  return own;
}

/**
 * Elements [from, to), not to be written to: where they lie side by side they are the stored bytes themselves, in their own byte order.
 * What is large is not copied for being looked at once.
 */
export async function peekDense(
  { layout, endian, read }: OpenInput,
  from: number,
  to: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const { dtype, offset, shape } = layout;
  const width = (bitsOf(dtype) ?? 8) / 8;
  if (isContiguous(layout)) return read((offset + from) * width, (offset + to) * width, signal);
  const all = new Uint8Array((to - from) * width);
  const bits = asUnsigned(layout);
  let at = 0;
  for (const slice of cutRange(shape, from, to)) {
    const selection = selectElements(bits, sliceOfBits(dtype, slice));
    const values = makeValues(bits.dtype, selection.count);
    await readSelection({ dtype: bits.dtype, endian, read }, selection, values, signal);
    const bytes = packUnsigned(bits.dtype, values);
    all.set(bytes, at);
    at += bytes.length;
  }
  return all;
}

/** The elements at places [from, to) of a shape in C order as slices, in that order. */
export function* cutRange(
  shape: readonly number[],
  from: number,
  to: number,
  fixed: readonly SliceItem[] = [],
): Generator<Slice> {
  if (from >= to) return;
  const [, ...inner] = shape;
  if (shape.length === 0) {
    yield fixed;
    return;
  }
  const width = countElements(inner);
  const firstWhole = Math.ceil(from / width);
  const lastWhole = Math.floor(to / width);
  const within = (row: number, start: number, end: number) =>
    cutRange(inner, start, end, [...fixed, { kind: 'index', at: row }]);
  if (lastWhole < firstWhole) {
    yield* within(lastWhole, from - lastWhole * width, to - lastWhole * width);
    return;
  }
  if (from < firstWhole * width) yield* within(firstWhole - 1, from - (firstWhole - 1) * width, width);
  const count = lastWhole - firstWhole;
  if (count > 0) yield [...fixed, { kind: 'range', start: firstWhole, count, step: 1 }, ...wholeSlice(inner)];
  if (to > lastWhole * width) yield* within(lastWhole, 0, to - lastWhole * width);
}

/** In place: the bytes of each number the other way round. */
export function swapBytes(bytes: Uint8Array, width: number): void {
  for (let at = 0; at + width <= bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}
