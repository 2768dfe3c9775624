import { componentsOf, decodeElements } from './decode.ts';
import { dequantiseByTensor, dequantiseRun } from './dequantise.ts';
import { bitsOf } from './dtype.ts';
import type { Numbers } from './stats-partial.ts';

/** Statistics of each row (all that shares the first index), as columns. Plain data. */
export interface RowStats {
  readonly rows: number;
  /** Of finite values; NaN where a row has none. */
  readonly min: Float64Array<ArrayBuffer>;
  readonly max: Float64Array<ArrayBuffer>;
  readonly mean: Float64Array<ArrayBuffer>;
  /** Of the population. */
  readonly std: Float64Array<ArrayBuffer>;
  readonly l2: Float64Array<ArrayBuffer>;
  readonly zeros: Float64Array<ArrayBuffer>;
  /** NaN and infinities. */
  readonly notFinite: Float64Array<ArrayBuffer>;
  /** Two words a row: rows of equal content have equal ones, others almost surely not (1 in 2^64). */
  readonly fingerprints: Uint32Array<ArrayBuffer>;
}

const BLOCK = 16_384;
const COLUMNS = ['min', 'max', 'mean', 'std', 'l2', 'zeros', 'notFinite'] as const;

/** Takes whole rows in pieces of any size. */
export class RowKernel {
  readonly #numbers: Numbers;
  readonly #rowLength: number;
  readonly #stats: RowStats;
  readonly #values: Float64Array<ArrayBuffer>;
  #place: number;
  #row = 0;
  #inRow = 0;
  #sums = noSums();

  /** `from` is the place of the first element. */
  constructor(numbers: Numbers, from: number, rows: number, rowLength: number) {
    this.#numbers = numbers;
    this.#place = from;
    this.#rowLength = rowLength;
    const column = () => new Float64Array(rows);
    this.#stats = {
      rows,
      min: column(),
      max: column(),
      mean: column(),
      std: column(),
      l2: column(),
      zeros: column(),
      notFinite: column(),
      fingerprints: new Uint32Array(2 * rows),
    };
    this.#values = new Float64Array(BLOCK * componentsOf(numbers.dtype));
  }

  add(bytes: Uint8Array<ArrayBuffer>, count: number): void {
    const bits = bitsOf(this.#numbers.dtype) ?? 8;
    for (let from = 0; from < count; from += BLOCK) {
      const n = Math.min(BLOCK, count - from);
      const part = bytes.subarray((from * bits) / 8, Math.ceil(((from + n) * bits) / 8));
      const values = this.#decode(part, n);
      // Types a word wide or wider are compared as stored: magnitudes and rounded integers would fall together.
      const words =
        bits >= 32
          ? new Uint32Array(part.buffer, part.byteOffset, (n * bits) / 32)
          : new Uint32Array(values.buffer, 0, 2 * n);
      this.#addBlock(values, words, words.length / n);
    }
  }

  result(): RowStats {
    return this.#stats;
  }

  #decode(bytes: Uint8Array<ArrayBuffer>, n: number): Float64Array<ArrayBuffer> {
    const values = this.#values.subarray(0, n);
    decodeElements(this.#numbers.dtype, bytes, 'little', n, this.#values);
    if (componentsOf(this.#numbers.dtype) === 2) {
      for (let i = 0; i < n; i++) values[i] = Math.hypot(this.#values[2 * i]!, this.#values[2 * i + 1]!);
      return values;
    }
    const { affine, channels, negative } = this.#numbers;
    if (channels) dequantiseRun(values, this.#place, channels);
    this.#place += n;
    for (let i = 0; i < n; i++) {
      const value = affine ? dequantiseByTensor(values[i]!, affine.zeroPoint, affine.scale) : values[i]!;
      // Adding nothing turns -0 into 0, which is equal to it.
      values[i] = (negative ? -value : value) + 0;
    }
    return values;
  }

  #addBlock(values: Float64Array, words: Uint32Array, wordsEach: number): void {
    for (let from = 0; from < values.length; ) {
      const n = Math.min(values.length - from, this.#rowLength - this.#inRow);
      addValues(this.#sums, values, from, from + n);
      addWords(this.#sums, words, from * wordsEach, (from + n) * wordsEach);
      this.#inRow += n;
      from += n;
      if (this.#inRow === this.#rowLength) this.#endRow();
    }
  }

  #endRow(): void {
    const { n, shift, sum, squares, min, max, zeros, notFinite, a, b } = this.#sums;
    const mean = n > 0 ? shift + sum / n : Number.NaN;
    const m2 = n > 0 ? Math.max(0, squares - (sum * sum) / n) : Number.NaN;
    const row = {
      min: n > 0 ? min : Number.NaN,
      max: n > 0 ? max : Number.NaN,
      mean,
      std: Math.sqrt(m2 / n),
      l2: n > 0 ? Math.sqrt(m2 + n * mean * mean) : 0,
      zeros,
      notFinite,
    };
    for (const name of COLUMNS) this.#stats[name][this.#row] = row[name];
    this.#stats.fingerprints[2 * this.#row] = a;
    this.#stats.fingerprints[2 * this.#row + 1] = b;
    this.#row++;
    this.#inRow = 0;
    this.#sums = noSums();
  }
}

const noSums = () => ({
  n: 0,
  shift: 0,
  sum: 0,
  squares: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  zeros: 0,
  notFinite: 0,
  a: 0x811c9dc5,
  b: 0x9e3779b9,
});
type Sums = ReturnType<typeof noSums>;

function addValues(sums: Sums, values: Float64Array, from: number, to: number): void {
  let { n, shift, sum, squares, min, max, zeros } = sums;
  for (let i = from; i < to; i++) {
    const x = values[i]!;
    if (x - x !== 0) {
      sums.notFinite++;
      continue;
    }
    if (n === 0) shift = x;
    const d = x - shift;
    n++;
    sum += d;
    squares += d * d;
    if (x < min) min = x;
    if (x > max) max = x;
    if (x === 0) zeros++;
  }
  Object.assign(sums, { n, shift, sum, squares, min, max, zeros });
}

/** Two multiplicative hashes side by side, each with shifts so that high bits reach low ones. */
function addWords(sums: Sums, words: Uint32Array, from: number, to: number): void {
  let { a, b } = sums;
  for (let i = from; i < to; i++) {
    a = Math.imul(a ^ words[i]!, 0x01000193);
    a ^= a >>> 15;
    b = Math.imul(b + words[i]!, 0x85ebca6b);
    b ^= b >>> 13;
  }
  sums.a = a;
  sums.b = b;
}

/** One after the other, as columns of all. */
export function joinRows(parts: readonly RowStats[]): RowStats {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const join = (pick: (part: RowStats) => Float64Array) => {
    const all = new Float64Array(rows);
    let at = 0;
    for (const part of parts) {
      all.set(pick(part), at);
      at += part.rows;
    }
    return all;
  };
  const fingerprints = new Uint32Array(2 * rows);
  let at = 0;
  for (const part of parts) {
    fingerprints.set(part.fingerprints, at);
    at += 2 * part.rows;
  }
  return {
    rows,
    min: join((part) => part.min),
    max: join((part) => part.max),
    mean: join((part) => part.mean),
    std: join((part) => part.std),
    l2: join((part) => part.l2),
    zeros: join((part) => part.zeros),
    notFinite: join((part) => part.notFinite),
    fingerprints,
  };
}

/** Rows with nothing but zeros: dead channels. */
export const deadRows = ({ rows, zeros }: RowStats, rowLength: number): readonly number[] =>
  rowLength === 0 ? [] : Array.from({ length: rows }, (_, row) => row).filter((row) => zeros[row] === rowLength);

/** Rows of one value, zeros aside. */
export const constantRows = ({ rows, min, max, notFinite }: RowStats, rowLength: number): readonly number[] =>
  rowLength < 2
    ? []
    : Array.from({ length: rows }, (_, row) => row).filter(
        (row) => min[row] === max[row] && min[row] !== 0 && notFinite[row] === 0,
      );

/** Groups of rows with equal content, the first of each group first. Dead rows are no group. */
export function duplicateRows(stats: RowStats, rowLength: number): readonly (readonly number[])[] {
  const groups = new Map<string, number[]>();
  for (let row = 0; row < stats.rows; row++) {
    if (stats.zeros[row] === rowLength) continue;
    const key = `${stats.fingerprints[2 * row]} ${stats.fingerprints[2 * row + 1]}`;
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}
