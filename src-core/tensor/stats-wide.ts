import { collectCounts, giveTables, takeTable } from './code-counts.ts';
import { componentsOf, decodeElements, isWideInteger } from './decode.ts';
import { dequantiseByTensor, dequantiseRun } from './dequantise.ts';
import { type BinScheme, F32_FINITE } from './distribution.ts';
import { bitsOf } from './dtype.ts';
import { findExtremes } from './extremes.ts';
import { joinMoments, type Moments, noMoments, shiftedMoments } from './moments.ts';
import { binSchemeOf } from './stats.ts';
import type { Numbers, StatsKernel, StatsPartial } from './stats-partial.ts';

/** Values that are summed before sums are joined; their doubles fit the first cache. */
const BLOCK = 4096;
const NO_COUNTS = new Uint32Array(65_536);

/** Types wider than 16 bits, and scales of many channels, value by value. */
export class WideKernel implements StatsKernel {
  readonly #numbers: Numbers;
  readonly #scheme: BinScheme;
  readonly #bins = takeTable();
  readonly #parts: 1 | 2;
  readonly #values: Float64Array<ArrayBuffer>;
  readonly #singles = new Float32Array(BLOCK);
  readonly #moments = noMoments();
  readonly #special = { nan: 0, posInf: 0, negInf: 0, zeros: 0 };
  readonly #from: number;
  #count = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #minAt = -1;
  #maxAt = -1;
  #minExact: bigint | undefined;
  #maxExact: bigint | undefined;

  constructor(numbers: Numbers, from = 0) {
    this.#from = from;
    this.#numbers = numbers;
    this.#scheme = binSchemeOf(numbers.dtype);
    this.#parts = componentsOf(numbers.dtype);
    this.#values = new Float64Array(BLOCK * this.#parts);
  }

  add(bytes: Uint8Array<ArrayBuffer>, count: number): void {
    const bits = bitsOf(this.#numbers.dtype) ?? 8;
    for (let from = 0; from < count; from += BLOCK) {
      const n = Math.min(BLOCK, count - from);
      const part = bytes.subarray((from * bits) / 8, Math.ceil(((from + n) * bits) / 8));
      const values = this.#decode(part, n);
      if (isWideInteger(this.#numbers.dtype) && !this.#numbers.negative) this.#addExtremes(part, values);
      else this.#addRange(values);
      this.#addValues(values);
      this.#count += n;
    }
  }

  partial(): StatsPartial {
    // Magnitudes past the largest single count as the largest.
    if (this.#scheme === 'f32') {
      this.#bins[F32_FINITE - 1]! += this.#bins[F32_FINITE]!;
      this.#bins[F32_FINITE] = 0;
    }
    const counts = collectCounts(this.#bins, NO_COUNTS);
    giveTables(this.#bins);
    return {
      count: this.#count,
      min: this.#min,
      max: this.#max,
      minAt: this.#minAt,
      maxAt: this.#maxAt,
      ...(this.#minExact !== undefined && { minDigits: String(this.#minExact) }),
      ...(this.#maxExact !== undefined && { maxDigits: String(this.#maxExact) }),
      counts,
      wide: { ...this.#moments, ...this.#special },
    };
  }

  #decode(bytes: Uint8Array<ArrayBuffer>, n: number): Float64Array {
    const { dtype, affine, channels, negative } = this.#numbers;
    decodeElements(dtype, bytes, 'little', n, this.#values);
    const values = this.#values.subarray(0, n);
    if (this.#parts === 2) {
      for (let i = 0; i < n; i++) values[i] = magnitude(this.#values[2 * i]!, this.#values[2 * i + 1]!);
      return values;
    }
    if (channels) dequantiseRun(values, this.#from + this.#count, channels);
    if (affine) for (let i = 0; i < n; i++) values[i] = dequantiseByTensor(values[i]!, affine.zeroPoint, affine.scale);
    if (negative) for (let i = 0; i < n; i++) values[i] = -values[i]!;
    return values;
  }

  #addRange(values: Float64Array): void {
    const { low, high } = findExtremes(values, this.#min, this.#max);
    if (low >= 0) {
      this.#min = values[low]!;
      this.#minAt = this.#count + low;
    }
    if (high >= 0) {
      this.#max = values[high]!;
      this.#maxAt = this.#count + high;
    }
  }

  /** 64-bit integers are compared whole, as neighbours past 2^53 are one number; but only where their numbers come near. */
  #addExtremes(bytes: Uint8Array<ArrayBuffer>, values: Float64Array): void {
    const near = findExtremes(values, this.#min + roundingOf(this.#min), this.#max - roundingOf(this.#max));
    if (near.low < 0 && near.high < 0) return;
    const n = values.length;
    const Wide = this.#numbers.dtype === 'i64' ? BigInt64Array : BigUint64Array;
    const wide = new Wide(bytes.buffer, bytes.byteOffset, n);
    let low = 0;
    let high = 0;
    for (let i = 1; i < n; i++) {
      if (wide[i]! < wide[low]!) low = i;
      if (wide[i]! > wide[high]!) high = i;
    }
    if (this.#minExact === undefined || wide[low]! < this.#minExact) {
      this.#minExact = wide[low]!;
      this.#min = Number(wide[low]!);
      this.#minAt = this.#count + low;
    }
    if (this.#maxExact === undefined || wide[high]! > this.#maxExact) {
      this.#maxExact = wide[high]!;
      this.#max = Number(wide[high]!);
      this.#maxAt = this.#count + high;
    }
  }

  #addValues(values: Float64Array): void {
    const words = this.#wordsOf(values);
    const sums = sumValues(values, words, words.length / values.length, this.#bins, this.#special);
    joinMoments(this.#moments, sums);
  }

  /** The words whose upper halves are the bins: of doubles, or of the nearest singles. */
  #wordsOf(values: Float64Array): Uint32Array {
    if (this.#scheme === 'f64') return new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
    this.#singles.set(values);
    return new Uint32Array(this.#singles.buffer, 0, values.length);
  }
}

/** How far a 64-bit integer may lie from its number. */
const roundingOf = (value: number): number => (Math.abs(value) < 2 ** 53 ? 0 : Math.abs(value) * 2 ** -51);

function sumValues(
  values: Float64Array,
  words: Uint32Array,
  wordsEach: number,
  bins: Uint32Array,
  special: { nan: number; posInf: number; negInf: number; zeros: number },
): Moments {
  let n = 0;
  let shift = 0;
  let sum = 0;
  let squares = 0;
  let l1 = 0;
  let zeros = 0;
  const high = wordsEach - 1;
  for (let i = 0; i < values.length; i++) {
    const x = values[i]!;
    if (x - x !== 0) {
      if (x > 0) special.posInf++;
      else if (x < 0) special.negInf++;
      else special.nan++;
      continue;
    }
    bins[words[i * wordsEach + high]! >>> 16]!++;
    if (n === 0) shift = x;
    const d = x - shift;
    n++;
    sum += d;
    squares += d * d;
    l1 += Math.abs(x);
    if (x === 0) zeros++;
  }
  special.zeros += zeros;
  return n === 0 ? noMoments() : shiftedMoments(n, shift, sum, squares, l1);
}

/** As C's `hypot` for NaN and infinities: an infinite part makes the whole infinite. */
function magnitude(re: number, im: number): number {
  const plain = Math.sqrt(re * re + im * im);
  return plain > 1e-150 && plain < 1e150 ? plain : Math.hypot(re, im);
}
