/** What kernels of comparisons give, and what is found of a tensor beside another. */
import type { CodeCounts } from './code-counts.ts';

/** How many pairs have something on one side only, or on both. */
export interface SideCounts {
  readonly onlyA: number;
  readonly onlyB: number;
  readonly both: number;
}

/** One element of each side. For complex numbers `a` and `b` are magnitudes, and `delta` is the magnitude of their difference. */
export interface ChangedCell {
  /** Place in C order. */
  readonly at: number;
  readonly a: number;
  readonly b: number;
  readonly delta: number;
}

/** What was seen of a run of pairs. Plain data: it crosses between threads. Places count from the start of the run; -1: nowhere. */
export interface ComparePartial {
  /** Pairs, whatever they are. */
  readonly count: number;
  readonly changed: number;
  readonly nan: SideCounts;
  readonly notFinite: SideCounts;
  readonly notFiniteAt: number;
  /** Of pairs that are finite on both sides, as all below. */
  readonly signFlips: number;
  /** Infinity and -Infinity when there are none. */
  readonly min: number;
  readonly max: number;
  readonly minAt: number;
  readonly maxAt: number;
  readonly sums: PairSums;
  /** Of differences, by bin. */
  readonly counts: CodeCounts;
  /** The largest differences, largest first, of equal ones the first. */
  readonly top: readonly ChangedCell[];
}

export interface PairSums {
  /** Of magnitudes of differences, and of their squares. */
  readonly abs: number;
  readonly squares: number;
  /** Of the squares of each side, and of its products. */
  readonly a: number;
  readonly b: number;
  readonly dot: number;
}

export const SUM_NAMES = ['abs', 'squares', 'a', 'b', 'dot'] as const satisfies readonly (keyof PairSums)[];
