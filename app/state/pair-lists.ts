import { useMemo } from 'react';
import { PAIR_FLAG, PAIR_STATUSES, VALUE_ORDER, VERDICTS, type Verdict } from '../../src-core/index.ts';
import type { ComparedDocument } from '../engine/compare-api.ts';
import { deltasOf, usePairsVersion, verdictsOf } from './pairs.ts';
import { useDeferred } from './use-deferred.ts';

/** The first pairs of a kind below a node, and how many there are in all. */
export interface PairList {
  readonly count: number;
  readonly pairs: readonly number[];
}

/** What there is to say of the pairs at and below a node. */
export interface PairLists {
  readonly pairs: number;
  readonly tensors: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** Tensors whose values differ, farthest apart first. */
  readonly worst: PairList;
  /** Texts and other values that differ. */
  readonly words: PairList;
  /** Another element type, shape or kind of value. */
  readonly structure: PairList;
  readonly renamed: PairList;
  readonly onlyA: PairList;
  readonly onlyB: PairList;
}

/** Rows of a list that are shown. */
const SHOWN = 100;

export function listPairs(comparison: ComparedDocument, node: number): PairLists {
  const { tree, pairs } = comparison;
  const [verdicts, deltas] = [verdictsOf(comparison), deltasOf(comparison)];
  const counts = Object.fromEntries(VERDICTS.map((name) => [name, 0])) as Record<Verdict, number>;
  const lists = { worst: [], words: [], structure: [], renamed: [], onlyA: [], onlyB: [] } as Record<
    Exclude<keyof PairLists, 'pairs' | 'tensors' | 'verdicts'>,
    number[]
  >;
  const found = { worst: 0, words: 0, structure: 0, renamed: 0, onlyA: 0, onlyB: 0 };
  const tensor = VALUE_ORDER.indexOf('tensor');
  const isNamedAnew = PAIR_STATUSES.map((status) => status === 'renamed' || status === 'moved');
  const isOther = PAIR_FLAG.dtype | PAIR_FLAG.shape | PAIR_FLAG.valueType;
  /** Of NaN against numbers there is no distance. */
  const distance = (pair: number) => deltas.numberOf(pair, 'rel') || 0;
  let tensors = 0;
  let count = 0;
  const put = (list: keyof typeof found, pair: number) => {
    if (found[list]++ < SHOWN) lists[list].push(pair);
  };
  for (let at = node; at < tree.end[node]!; at++) {
    const pair = tree.entry[at]!;
    if (pair < 0) continue;
    count++;
    const isTensor = tree.type[at] === tensor;
    if (isTensor) tensors++;
    const verdict = VERDICTS[verdicts[pair]!] ?? 'unknown';
    counts[verdict]++;
    if (verdict === 'removed') put('onlyA', pair);
    if (verdict === 'added') put('onlyB', pair);
    if (isNamedAnew[pairs.status[pair]!]) put('renamed', pair);
    if (pairs.flags[pair]! & isOther) put('structure', pair);
    else if (verdict === 'changed' && !isTensor) put('words', pair);
    if (verdict === 'changed' && deltas.has(pair)) {
      found.worst++;
      keepWorst(lists.worst, pair, distance);
    }
  }
  const listOf = (name: keyof typeof found): PairList => ({ count: found[name], pairs: lists[name] });
  return {
    pairs: count,
    tensors,
    verdicts: counts,
    worst: listOf('worst'),
    words: listOf('words'),
    structure: listOf('structure'),
    renamed: listOf('renamed'),
    onlyA: listOf('onlyA'),
    onlyB: listOf('onlyB'),
  };
}

/** Keeps a list sorted, the largest first, and no longer than is shown. */
function keepWorst(list: number[], pair: number, sizeOf: (pair: number) => number): void {
  const size = sizeOf(pair);
  if (list.length === SHOWN && size <= sizeOf(list[SHOWN - 1]!)) return;
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sizeOf(list[middle]!) >= size) low = middle + 1;
    else high = middle;
  }
  list.splice(low, 0, pair);
  if (list.length > SHOWN) list.pop();
}

/** The lists as far as pairs are known; made anew now and then while more comes. */
export function usePairLists(comparison: ComparedDocument, node: number): PairLists {
  const version = useDeferred(usePairsVersion(comparison));
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is known of pairs is another with each version
  return useMemo(() => listPairs(comparison, node), [comparison, node, version]);
}
