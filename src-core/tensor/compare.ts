/**
 * Two tensors of one shape, element by element: what `ComparisonJoin` makes of the partial results of kernels, joined in the
 * order of their places. Types may differ; quantised values are what they stand for.
 *
 * Δ is b - a, and everything about it is of pairs that are finite on both sides: NaN and infinities are counted apart. Where
 * every value of both types is an f32 the Δ that is told (extremes, cells, bins) is rounded to one; sums are not rounded. The Δ of 64-bit
 * integers is exact before it becomes a number. Complex numbers are compared by the magnitude of their difference, and stand
 * for their own magnitude.
 */
import { CountSum } from './code-counts.ts';
import { isIntegralPair, pairScheme } from './compare-pairs.ts';
import { type ChangedCell, type ComparePartial, type SideCounts, SUM_NAMES } from './compare-partial.ts';
import { TopCells } from './compare-top.ts';
import { type Distribution, readBins } from './distribution.ts';
import type { Numbers } from './stats-partial.ts';
import { Sum } from './sum.ts';

export type { ChangedCell, SideCounts } from './compare-partial.ts';

export interface TensorComparison {
  /** Elements of either side. */
  readonly count: number;
  /** Elements that are not the same: of one type to the last bit; of two types by value, where NaN is NaN and -0 is not 0. */
  readonly changed: number;
  /** Whether nothing is changed. */
  readonly equal: boolean;
  /** Largest |Δ|; 0 when there is none. */
  readonly maxAbs: number;
  /** Place of the first such element, in C order; absent when `maxAbs` is 0. */
  readonly maxAbsAt?: number;
  /** Of |Δ|. */
  readonly meanAbs: number;
  /** Root of the mean square of Δ. */
  readonly rms: number;
  /** ‖Δ‖ / ‖A‖: 0 when nothing differs, Infinity when A is all zeros and B is not. */
  readonly relativeL2: number;
  /** 1 when nothing differs; absent when one side is all zeros, or too large to square. */
  readonly cosine?: number;
  /** Of signs: from below zero to above, or back. */
  readonly signFlips: number;
  /** Of the largest |Δ| down, of equal ones the first first; at most `TOP_CELLS`, none of them unchanged. */
  readonly top: readonly ChangedCell[];
  /** Absent when both sides are the same bytes of the same file, which are not read then. */
  readonly read?: ComparedValues;
}

export interface ComparedValues {
  /** Pairs of two finite values. */
  readonly finite: number;
  readonly nan: SideCounts;
  /** NaN and infinities. */
  readonly notFinite: SideCounts;
  /** Place of the first element that is finite on one side only. */
  readonly notFiniteAt?: number;
  /** ‖A‖ and ‖B‖, of the finite pairs. */
  readonly l2A: number;
  readonly l2B: number;
  /** Smallest and largest Δ, and the place of the first of each; absent without finite pairs. */
  readonly min?: number;
  readonly max?: number;
  readonly minAt?: number;
  readonly maxAt?: number;
  /** Of Δ. */
  readonly distribution: Distribution;
}

type Sides = { -readonly [Side in keyof SideCounts]: number };

/** Joins partial results, in the order of their elements. */
export class ComparisonJoin {
  readonly #a: Numbers;
  readonly #b: Numbers;
  readonly #counts = new CountSum();
  readonly #sums = { abs: new Sum(), squares: new Sum(), a: new Sum(), b: new Sum(), dot: new Sum() };
  readonly #nan: Sides = { onlyA: 0, onlyB: 0, both: 0 };
  readonly #notFinite: Sides = { onlyA: 0, onlyB: 0, both: 0 };
  readonly #top = new TopCells();
  #notFiniteAt = -1;
  #count = 0;
  #changed = 0;
  #flips = 0;
  #min = { value: Number.POSITIVE_INFINITY, at: -1 };
  #max = { value: Number.NEGATIVE_INFINITY, at: -1 };

  constructor(a: Numbers, b: Numbers) {
    this.#a = a;
    this.#b = b;
  }

  add(partial: ComparePartial): void {
    const first = this.#count;
    this.#count += partial.count;
    this.#changed += partial.changed;
    this.#flips += partial.signFlips;
    this.#counts.add(partial.counts);
    for (const name of SUM_NAMES) this.#sums[name].add(partial.sums[name]);
    for (const side of ['onlyA', 'onlyB', 'both'] as const) {
      this.#nan[side] += partial.nan[side];
      this.#notFinite[side] += partial.notFinite[side];
    }
    if (this.#notFiniteAt < 0 && partial.notFiniteAt >= 0) this.#notFiniteAt = first + partial.notFiniteAt;
    if (partial.min < this.#min.value) this.#min = { value: partial.min, at: first + partial.minAt };
    if (partial.max > this.#max.value) this.#max = { value: partial.max, at: first + partial.maxAt };
    for (const cell of partial.top) this.#top.offer({ ...cell, at: first + cell.at });
  }

  finish(): TensorComparison {
    const { abs, squares, a, b, dot } = this.#sums;
    const { onlyA, onlyB, both } = this.#notFinite;
    const finite = this.#count - onlyA - onlyB - both;
    const top = this.#top.list();
    const cosine = cosineOf(squares.value, a.value, b.value, dot.value);
    const extremes = { min: this.#min.value, max: this.#max.value, minAt: this.#min.at, maxAt: this.#max.at };
    return {
      count: this.#count,
      changed: this.#changed,
      equal: this.#changed === 0,
      maxAbs: Math.abs(top[0]?.delta ?? 0),
      ...(top[0] && { maxAbsAt: top[0].at }),
      meanAbs: finite === 0 ? 0 : abs.value / finite,
      rms: finite === 0 ? 0 : Math.sqrt(squares.value / finite),
      relativeL2: squares.value === 0 ? 0 : Math.sqrt(squares.value) / Math.sqrt(a.value),
      ...(cosine !== undefined && { cosine }),
      signFlips: this.#flips,
      top,
      read: {
        finite,
        nan: this.#nan,
        notFinite: this.#notFinite,
        ...(this.#notFiniteAt >= 0 && { notFiniteAt: this.#notFiniteAt }),
        l2A: Math.sqrt(a.value),
        l2B: Math.sqrt(b.value),
        ...(finite > 0 && extremes),
        distribution: this.#readDistribution(),
      },
    };
  }

  #readDistribution(): Distribution {
    const scheme = pairScheme(this.#a, this.#b);
    // Bins are of rounded numbers, and so is what they lie between.
    const round = scheme === 'f32' ? Math.fround : (value: number) => value;
    const range = { min: round(this.#min.value), max: round(this.#max.value) };
    return readBins(scheme, this.#counts.used(), range, isIntegralPair(this.#a, this.#b));
  }
}

/** Of a tensor beside itself: nothing need be read. */
export const sameComparison = (count: number): TensorComparison => ({
  count,
  changed: 0,
  equal: true,
  maxAbs: 0,
  meanAbs: 0,
  rms: 0,
  relativeL2: 0,
  cosine: 1,
  signFlips: 0,
  top: [],
});

function cosineOf(squares: number, a: number, b: number, dot: number): number | undefined {
  if (squares === 0) return 1;
  const norms = Math.sqrt(a) * Math.sqrt(b);
  if (norms === 0 || !Number.isFinite(norms) || !Number.isFinite(dot)) return undefined;
  return Math.max(-1, Math.min(1, dot / norms));
}
