import { collectCounts, takeTable } from './code-counts.ts';
import { binOrder } from './distribution.ts';
import { findSingleExtremes, findUsed } from './extremes.ts';
import { joinMoments, type Moments, noMoments, shiftedMoments } from './moments.ts';
import type { StatsPartial } from './stats.ts';
import type { StatsKernel } from './stats-kernel.ts';

/** Values that are summed before sums are joined. */
const BLOCK = 16_384;
const ORDER = binOrder('f32');

/**
 * f32, most of what there is. One pass counts bins and sums; everything rare shows in the bins (a zero, a value beyond the
 * extremes, an infinity or NaN), and only then is the piece gone through for it.
 */
export class SingleKernel implements StatsKernel {
  readonly #even = takeTable();
  readonly #odd = takeTable();
  readonly #moments = noMoments();
  readonly #special = { nan: 0, posInf: 0, negInf: 0, zeros: 0 };
  #count = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #minAt = -1;
  #maxAt = -1;
  /** Places in ORDER of the bins of both extremes, and how many were in them. */
  #minRank = ORDER.length - 1;
  #maxRank = 0;
  #minSeen = 0;
  #maxSeen = 0;

  add(bytes: Uint8Array<ArrayBuffer>, count: number): void {
    const singles = new Float32Array(bytes.buffer, bytes.byteOffset, count);
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, count);
    const zerosBefore = this.#inBin(0) + this.#inBin(0x8000);
    for (let from = 0; from < count; from += BLOCK) {
      const block = singles.subarray(from, from + BLOCK);
      const sums = sumBlock(block, words.subarray(from, from + BLOCK), this.#even, this.#odd);
      joinMoments(this.#moments, Number.isFinite(sums.m2) ? sums : sumFinite(block, this.#special));
    }
    if (this.#inBin(0) + this.#inBin(0x8000) > zerosBefore) this.#special.zeros += countZeros(singles);
    if (this.#isBeyond()) this.#findExtremes(singles);
    this.#count += count;
  }

  partial(): StatsPartial {
    return {
      count: this.#count,
      min: this.#min,
      max: this.#max,
      minAt: this.#minAt,
      maxAt: this.#maxAt,
      counts: collectCounts(this.#even, this.#odd),
      wide: { ...this.#moments, ...this.#special },
    };
  }

  #inBin(code: number): number {
    return this.#even[code]! + this.#odd[code]!;
  }

  /** Whether a bin beyond the extremes has something in it, or an extreme's own bin has more than before. */
  #isBeyond(): boolean {
    if (this.#minAt < 0) return true;
    if (this.#inBin(ORDER[this.#minRank]!) > this.#minSeen || this.#inBin(ORDER[this.#maxRank]!) > this.#maxSeen)
      return true;
    const used = (from: number, to: number) => findUsed(ORDER, from, to, this.#even, this.#odd) >= 0;
    return used(0, this.#minRank) || used(ORDER.length - 1, this.#maxRank);
  }

  #findExtremes(singles: Float32Array): void {
    const { low, high } = findSingleExtremes(singles, this.#min, this.#max);
    if (low >= 0) {
      this.#min = singles[low]!;
      this.#minAt = this.#count + low;
      this.#minRank = ORDER.indexOf(binOf(this.#min));
    }
    if (high >= 0) {
      this.#max = singles[high]!;
      this.#maxAt = this.#count + high;
      this.#maxRank = ORDER.indexOf(binOf(this.#max));
    }
    if (this.#minAt < 0) return;
    this.#minSeen = this.#inBin(ORDER[this.#minRank]!);
    this.#maxSeen = this.#inBin(ORDER[this.#maxRank]!);
  }
}

const single = new Float32Array(1);
const word = new Uint32Array(single.buffer);
function binOf(value: number): number {
  single[0] = value;
  return word[0]! >>> 16;
}

/** The one hot loop: two values at a time, each with sums of its own, so that no addition waits for another. */
function sumBlock(block: Float32Array, words: Uint32Array, even: Uint32Array, odd: Uint32Array): Moments {
  const n = block.length;
  const shift = block[0]!;
  const pairs = n & ~1;
  let sumA = 0;
  let sumB = 0;
  let squaresA = 0;
  let squaresB = 0;
  let l1A = 0;
  let l1B = 0;
  for (let i = 0; i < pairs; i += 2) {
    const a = block[i]!;
    const b = block[i + 1]!;
    even[words[i]! >>> 16]!++;
    odd[words[i + 1]! >>> 16]!++;
    const da = a - shift;
    const db = b - shift;
    sumA += da;
    sumB += db;
    squaresA += da * da;
    squaresB += db * db;
    l1A += Math.abs(a);
    l1B += Math.abs(b);
  }
  if (pairs < n) {
    const d = block[pairs]! - shift;
    even[words[pairs]! >>> 16]!++;
    sumA += d;
    squaresA += d * d;
    l1A += Math.abs(block[pairs]!);
  }
  return shiftedMoments(n, shift, sumA + sumB, squaresA + squaresB, l1A + l1B);
}

/** A block with NaN or infinities in it: counts them and sums the rest. */
function sumFinite(block: Float32Array, special: { nan: number; posInf: number; negInf: number }): Moments {
  let n = 0;
  let shift = 0;
  let sum = 0;
  let squares = 0;
  let l1 = 0;
  for (let i = 0; i < block.length; i++) {
    const x = block[i]!;
    if (x - x !== 0) {
      if (x > 0) special.posInf++;
      else if (x < 0) special.negInf++;
      else special.nan++;
      continue;
    }
    if (n === 0) shift = x;
    const d = x - shift;
    n++;
    sum += d;
    squares += d * d;
    l1 += Math.abs(x);
  }
  return n === 0 ? noMoments() : shiftedMoments(n, shift, sum, squares, l1);
}

function countZeros(singles: Float32Array): number {
  let zeros = 0;
  for (let i = 0; i < singles.length; i++) if (singles[i] === 0) zeros++;
  return zeros;
}
