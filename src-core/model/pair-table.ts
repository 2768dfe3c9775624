import type { TensorComparison } from '../tensor/compare.ts';
import { type NumberBatch, NumberTable } from './number-table.ts';

/**
 * How far B's values are from A's, by pair: what a table or a filter asks. `delta` is the largest |B − A| and `deltaMean` the mean of them,
 * `rel` is ‖B − A‖ / ‖A‖, `share` that of elements that changed.
 */
export const DELTAS = ['delta', 'deltaMean', 'rms', 'rel', 'cosine', 'flips', 'share'] as const;
export type DeltaName = (typeof DELTAS)[number];
export type DeltaBatch = NumberBatch;

export class DeltaTable extends NumberTable<DeltaName> {
  constructor() {
    super(DELTAS);
  }

  /** Without `found`: somebody looked, and the two cannot be compared. */
  set(pair: number, found: TensorComparison | undefined): void {
    this.setNumbers(pair, found && numbersOf(found));
  }
}

function numbersOf(found: TensorComparison): readonly number[] {
  const numbers: Record<DeltaName, number> = {
    delta: found.maxAbs,
    deltaMean: found.meanAbs,
    rms: found.rms,
    rel: found.relativeL2,
    cosine: found.cosine ?? Number.NaN,
    flips: found.signFlips,
    share: found.count === 0 ? 0 : found.changed / found.count,
  };
  return DELTAS.map((name) => numbers[name]);
}

/** What is known of a pair: whether anything differs, whatever it is called. */
export const VERDICTS = ['unknown', 'same', 'changed', 'added', 'removed'] as const;
export type Verdict = (typeof VERDICTS)[number];

/**
 * What two sides made of a third: nothing, one of them, `both` alike, each another part of it (`merged`: lines of a text; one its value and one
 * its name), or each its own.
 */
export const MERGE_STATUSES = ['unchanged', 'a', 'b', 'both', 'merged', 'conflict'] as const;
export type MergeStatus = (typeof MERGE_STATUSES)[number];

/** What a filter asks of the pairs of a comparison. */
export interface PairFacts {
  verdictOf(pair: number): Verdict;
  /** It has another name, or another place, on the other side. */
  isRenamed(pair: number): boolean;
  readonly deltas: DeltaTable;
  /** What its sides made of the base, once that is known; absent where there is no base. */
  mergeOf?(pair: number): MergeStatus | undefined;
}
