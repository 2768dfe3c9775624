import type { OpenedDocument } from '../engine/api.ts';
import type { ComparedDocument, PairValues } from '../engine/compare-api.ts';
import { type Computation, computationKey, compute, useComputation } from './computations.ts';
import { engine } from './engine.ts';
import { notePair } from './pairs.ts';
import { needsAsking } from './statistics.ts';

/** What of a pair is set against what: A against B, or with `since` what a side made of the base. */
export interface PairSides {
  readonly pair: number;
  readonly since?: 'a' | 'b' | undefined;
}

/** Where the comparison of one pair is kept. */
export const pairValuesKey = (comparison: ComparedDocument, { pair, since }: PairSides): string =>
  computationKey(comparison.id, `values/${pair}${since ?? ''}`);

/** The pair that a computation of a comparison is of, if it is of one. */
export const pairValuesOf = (what: string): number | undefined =>
  what.startsWith('values/') ? Number(what.slice('values/'.length)) : undefined;

export const usePairValues = (comparison: ComparedDocument, sides: PairSides): Computation<PairValues> | undefined =>
  useComputation(pairValuesKey(comparison, sides));

/** Sets the values of two tensors of a pair against each other, all of them. */
export function computePairValues(
  comparison: ComparedDocument,
  sides: PairSides,
  name: string,
  asked: boolean,
): Promise<void> {
  const { pair, since } = sides;
  return compute<PairValues>({
    key: pairValuesKey(comparison, sides),
    title: `Comparing values of ${name}`,
    asked,
    async run(call) {
      const found = await engine().pairValues({ comparison: comparison.id, pair, ...(since && { since }) }, call);
      if (found.known) notePair(comparison, found.known);
      return found;
    },
  });
}

/** Whether the values of both are only read when a person says so. */
export const asksForPair = (sides: readonly (OpenedDocument | undefined)[], bytes: readonly number[]): boolean =>
  sides.some((document, i) => document && needsAsking(document, bytes[i] ?? 0));
