/** Sparse tensors as the dense ones they stand for: zeros, and elements at places that other tensors tell. */
import { StateglassError } from '../base/errors.ts';
import { decodeElements } from './decode.ts';
import { type OpenInput, readDense } from './dense-range.ts';
import type { Scatter } from './derivation.ts';
import type { Maker } from './derive.ts';
import { bitsOf, countElements } from './dtype.ts';
import { encodeElements } from './encode.ts';
import { readNumbers } from './merge-makers.ts';

/** Runs of elements that lie side by side both among the values and in the tensor, by their place in the tensor. */
interface Placed {
  /** Elements of each run. */
  readonly length: number;
  /** First element of each run in the tensor, ascending; alike where values are summed. */
  readonly at: Float64Array;
  /** Its first element among the values. */
  readonly from: Float64Array;
}

/** The places are read once, when the first range is asked for, and kept. */
export function scatterMaker(scatter: Scatter, inputs: readonly OpenInput[]): Maker {
  const values = inputs.at(-1) as OpenInput;
  const { dtype } = values.layout;
  const width = (bitsOf(dtype) ?? 8) / 8;
  let placing: Promise<Placed> | undefined;
  return {
    width,
    async make(from, to, signal) {
      placing ??= placeRuns(scatter, inputs, signal);
      // Cancelled for one range, it is begun again for the next.
      placing.catch(() => {
        placing = undefined;
      });
      const placed = await placing;
      const made = new Uint8Array((to - from) * width);
      const [first, last] = [firstPast(placed, from), firstPast(placed, to, 0)];
      if (first >= last) return made;
      let [low, high] = [Infinity, 0];
      for (let i = first; i < last; i++) {
        low = Math.min(low, placed.from[i]!);
        high = Math.max(high, placed.from[i]! + placed.length);
      }
      const read = await readDense(values, low, high, signal);
      for (let i = first; i < last; i++) {
        const at = placed.at[i]!;
        const [start, end] = [Math.max(from, at), Math.min(to, at + placed.length)];
        const source = placed.from[i]! - low + start - at;
        const part = read.subarray(source * width, (source + end - start) * width);
        const into = made.subarray((start - from) * width, (end - from) * width);
        if (i > first && placed.at[i - 1] === at) addElements(dtype, into, part, end - start);
        else into.set(part);
      }
      return made;
    },
  };
}

/** The first run that ends behind a place; with `length` 0, the first that begins there or behind. */
function firstPast({ at, length }: Placed, place: number, reach = length): number {
  let [low, high] = [0, at.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (reach === 0 ? at[middle]! >= place : at[middle]! + reach > place) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Each sum is rounded to the type, as torch does. */
function addElements(dtype: OpenInput['layout']['dtype'], into: Uint8Array, part: Uint8Array, count: number): void {
  const [sums, more] = [new Float64Array(count), new Float64Array(count)];
  decodeElements(dtype, into.slice(), 'little', count, sums);
  decodeElements(dtype, part.slice(), 'little', count, more);
  into.set(
    encodeElements(
      dtype,
      sums.map((number, i) => number + more[i]!),
    ),
  );
}

async function placeRuns(
  scatter: Scatter,
  inputs: readonly OpenInput[],
  signal: AbortSignal | undefined,
): Promise<Placed> {
  const indices = inputs.slice(0, -1);
  const numbers = await Promise.all(
    indices.map((input) => readNumbers(input, 0, countElements(input.layout.shape), signal)),
  );
  const { shape } = (inputs.at(-1) as OpenInput).layout;
  const placed =
    scatter.layout === 'coo'
      ? placeCoo(scatter.shape, numbers[0]!, shape[0]!)
      : placeCompressed(scatter, numbers, shape);
  return sortRuns(placed);
}

/** Row d of the indices tells where each value is in dimension d; the dimensions behind them are whole in the values. */
function placeCoo(shape: readonly number[], indices: Float64Array, count: number): Placed {
  const rank = count === 0 ? 0 : indices.length / count;
  const length = countElements(shape.slice(rank));
  const at = new Float64Array(count);
  for (let d = 0; d < rank; d++)
    for (let i = 0; i < count; i++) at[i] = at[i]! * shape[d]! + checked(indices[d * count + i]!, shape[d]!);
  return { length, at: at.map((place) => place * length), from: Float64Array.from(at, (_, i) => i * length) };
}

/** Rows (or columns) begin at the first numbers among the second, which tell the column (or row) of each value, or block of them. */
function placeCompressed(
  { layout, shape }: Scatter,
  [starts = new Float64Array(), plain = new Float64Array()]: readonly Float64Array[],
  values: readonly number[],
): Placed {
  const [, columns = 0] = shape;
  const [, high = 1, wide = 1] = values;
  const isByColumn = layout === 'csc' || layout === 'bsc';
  const rows = shape[0]! / high;
  const count = plain.length;
  const at = new Float64Array(count * high);
  const from = new Float64Array(count * high);
  for (let group = 0; group + 1 < starts.length; group++) {
    const end = checked(starts[group + 1]!, count + 1);
    for (let i = checked(starts[group]!, count + 1); i < end; i++) {
      const row = isByColumn ? checked(plain[i]!, rows) : group;
      const column = isByColumn ? group : checked(plain[i]!, columns / wide);
      for (let k = 0; k < high; k++) {
        at[i * high + k] = (row * high + k) * columns + column * wide;
        from[i * high + k] = (i * high + k) * wide;
      }
    }
  }
  return { length: wide, at, from };
}

function checked(index: number, end: number): number {
  if (index >= 0 && index < end) return index;
  const detail = `an index of ${index} where there are ${end}`;
  throw new StateglassError({ kind: 'malformed', file: 'tensor', format: 'sparse tensor', detail });
}

function sortRuns({ length, at, from }: Placed): Placed {
  if (at.every((place, i) => i === 0 || place >= at[i - 1]!)) return { length, at, from };
  const order = Uint32Array.from(at, (_, i) => i).sort((a, b) => at[a]! - at[b]! || a - b);
  return { length, at: Float64Array.from(order, (i) => at[i]!), from: Float64Array.from(order, (i) => from[i]!) };
}
