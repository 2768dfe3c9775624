/** Makers of derived elements that are sums over several tensors, in f64 and rounded once. */
import { componentsOf, decodeElements } from './decode.ts';
import { type OpenInput, readDense } from './dense-range.ts';
import type { Derivation } from './derivation.ts';
import type { Maker } from './derive.ts';
import { bitsOf, type DType, familyOf } from './dtype.ts';
import { encodeElements } from './encode.ts';
import { roundHalfEven } from './narrow-float.ts';

/** Numbers of elements [from, to); of a complex type two each. */
export async function readNumbers(
  input: OpenInput,
  from: number,
  to: number,
  signal: AbortSignal | undefined,
): Promise<Float64Array<ArrayBuffer>> {
  const { dtype } = input.layout;
  const numbers = new Float64Array((to - from) * componentsOf(dtype));
  decodeElements(dtype, await readDense(input, from, to, signal), 'little', to - from, numbers);
  return numbers;
}

export function combineMaker(
  { dtype, weights }: Derivation & { kind: 'combine' },
  inputs: readonly OpenInput[],
): Maker {
  return {
    width: (bitsOf(dtype) ?? 8) / 8,
    async make(from, to, signal) {
      const sums = new Float64Array((to - from) * componentsOf(dtype));
      for (const [i, input] of inputs.entries()) {
        const numbers = await readNumbers(input, from, to, signal);
        const weight = weights[i] as number;
        for (let at = 0; at < sums.length; at++) sums[at]! += weight * numbers[at]!;
      }
      return roundNumbers(dtype, sums);
    },
  };
}

/** Numbers of the right factor that are held at once: 32 megabytes. What is larger is gone through in bands of columns. */
const HELD_NUMBERS = 2 ** 22;

export function lowRankMaker({ scale }: Derivation & { kind: 'low-rank' }, inputs: readonly OpenInput[]): Maker {
  const [base, left, right, alpha] = inputs as readonly [OpenInput, OpenInput, OpenInput, OpenInput | undefined];
  const { dtype } = base.layout;
  const [rank = 1, columns = 1] = right.layout.shape;
  const bandColumns = Math.max(1, Math.min(columns, Math.floor(HELD_NUMBERS / Math.max(1, rank))));
  /** The factor of the product, and the whole right side where it is held. */
  let factor: Promise<number> | undefined;
  let whole: Promise<Float64Array<ArrayBuffer>> | undefined;
  const findFactor = async (): Promise<number> =>
    alpha ? (scale * (await readNumbers(alpha, 0, 1, undefined))[0]!) / rank : scale;
  const readBand = (start: number, end: number, signal?: AbortSignal): Promise<Float64Array<ArrayBuffer>> => {
    if (bandColumns < columns) return readColumns(right, start, end, signal);
    // Read once for all ranges: one that is stopped must not stop the others.
    whole ??= readNumbers(right, 0, rank * columns, undefined);
    return whole;
  };
  return {
    width: (bitsOf(dtype) ?? 8) / 8,
    async make(from, to, signal) {
      factor ??= findFactor();
      const times = await factor;
      const sums = await readNumbers(base, from, to, signal);
      const [firstRow, endRow] = [Math.floor(from / columns), Math.ceil(to / columns)];
      const rows = await readNumbers(left, firstRow * rank, endRow * rank, signal);
      for (let start = 0; start < columns; start += bandColumns) {
        const end = Math.min(columns, start + bandColumns);
        const band = await readBand(start, end, signal);
        const product = new Float64Array(end - start);
        for (let row = firstRow; row < endRow; row++) {
          const [low, high] = [Math.max(start, from - row * columns), Math.min(end, to - row * columns)];
          if (low >= high) continue;
          product.fill(0);
          for (let k = 0; k < rank; k++) {
            const weight = rows[(row - firstRow) * rank + k]!;
            const at = k * (end - start) - start;
            for (let column = low; column < high; column++) product[column - start]! += weight * band[at + column]!;
          }
          const place = row * columns - from;
          for (let column = low; column < high; column++) sums[place + column]! += times * product[column - start]!;
        }
      }
      return roundNumbers(dtype, sums);
    },
  };
}

/** Columns [start, end) of a matrix, row by row. */
async function readColumns(
  matrix: OpenInput,
  start: number,
  end: number,
  signal: AbortSignal | undefined,
): Promise<Float64Array<ArrayBuffer>> {
  const [rows = 0, columns = 0] = matrix.layout.shape;
  const width = end - start;
  const band = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++)
    band.set(await readNumbers(matrix, row * columns + start, row * columns + end, signal), row * width);
  return band;
}

/** Elements of a type from exact numbers: whole ones to the nearest, halves to even; floats rounded once, however narrow. */
export function roundNumbers(dtype: DType, numbers: Float64Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const family = familyOf(dtype);
  if (family === 'int' || family === 'uint') return encodeElements(dtype, numbers.map(roundHalfEven));
  if (family === 'half' || family === 'float8') return encodeElements(dtype, toOddSingles(numbers));
  return encodeElements(dtype, numbers);
}

/**
 * Narrow floats are made of f32: where bits are lost on the way, the last one that is left is set, so that the second rounding still
 * sees on which side of the middle the number was. In place.
 */
function toOddSingles(numbers: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const single = new Float32Array(1);
  const bits = new Uint32Array(single.buffer);
  for (let i = 0; i < numbers.length; i++) {
    const exact = numbers[i]!;
    single[0] = exact;
    const near = single[0]!;
    if (near === exact || (bits[0]! & 1) === 1 || !Number.isFinite(near)) continue;
    bits[0]! += Math.abs(exact) > Math.abs(near) ? 1 : -1;
    numbers[i] = single[0]!;
  }
  return numbers;
}
