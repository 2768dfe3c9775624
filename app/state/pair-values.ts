import type { OpenedDocument } from '../engine/api.ts';
import type { ComparedDocument, PairValues } from '../engine/compare-api.ts';
import { type Computation, computationKey, compute, useComputation } from './computations.ts';
import { engine } from './engine.ts';
import { notePair } from './pairs.ts';
import { needsAsking } from './statistics.ts';

/** Where the comparison of one pair is kept. */
export const pairValuesKey = (comparison: ComparedDocument, pair: number): string =>
  computationKey(comparison.id, `values/${pair}`);

/** The pair that a computation of a comparison is of, if it is of one. */
export const pairValuesOf = (what: string): number | undefined =>
  what.startsWith('values/') ? Number(what.slice('values/'.length)) : undefined;

export const usePairValues = (comparison: ComparedDocument, pair: number): Computation<PairValues> | undefined =>
  useComputation(pairValuesKey(comparison, pair));

/** Sets the values of a pair of tensors against each other, all of them. */
export function computePairValues(
  comparison: ComparedDocument,
  pair: number,
  name: string,
  asked: boolean,
): Promise<void> {
  return compute<PairValues>({
    key: pairValuesKey(comparison, pair),
    title: `Comparing values of ${name}`,
    asked,
    async run(call) {
      const found = await engine().pairValues({ comparison: comparison.id, pair }, call);
      notePair(comparison, found.known);
      return found;
    },
  });
}

/** Whether the values of both are only read when a person says so. */
export const asksForPair = (sides: readonly (OpenedDocument | undefined)[], bytes: readonly number[]): boolean =>
  sides.some((document, i) => document && needsAsking(document, bytes[i] ?? 0));
