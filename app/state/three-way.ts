import { useCallback, useMemo } from 'react';
import { MERGE_CONFLICTS, MERGE_STATUSES, type MergeConflictKind, type MergeStatus } from '../../src-core/index.ts';
import type { DocumentId, OpenedDocument } from '../engine/api.ts';
import type { ComparedDocument, ThreeWayPairs } from '../engine/compare-api.ts';
import { documentOf, sidesOf, useCompare } from './compare.ts';
import { type Computation, computationKey, compute, forgetComputation, useComputation } from './computations.ts';
import { engine } from './engine.ts';
import { refreshByPairs } from './explorer.ts';
import type { PairList } from './pair-lists.ts';
import { settledKeys } from './settled.ts';
import { needsAsking } from './statistics.ts';
import { useWorkspace } from './workspace.ts';

const CONFLICT = MERGE_STATUSES.indexOf('conflict');

/** What the sides of a comparison made of a base. */
export interface ThreeWayFound {
  /** Null: they were compared without one, and whatever differs is a conflict. */
  readonly base: DocumentId | null;
  readonly pairs: ThreeWayPairs;
  /** By node of the tree, how many of the pairs at and below it are in conflict. */
  readonly conflictsBelow: Uint32Array;
  /** Of all pairs. */
  readonly counts: MergeCounts;
}

export const threeWayKey = (comparison: ComparedDocument): string => computationKey(comparison.id, 'three-way');

/** How far it is, of the base that is chosen now or of none. */
export function useThreeWayComputation(comparison: ComparedDocument): Computation<ThreeWayFound> | undefined {
  return useComputation<ThreeWayFound>(threeWayKey(comparison));
}

/** What is known by now, of the base that is chosen. */
export function useThreeWay(comparison: ComparedDocument): ThreeWayFound | undefined {
  const base = useCompare((state) => state.base);
  const value = useThreeWayComputation(comparison)?.value;
  return base !== null && value?.base === base ? value : undefined;
}

/** How a pair stands to the base. */
export interface MergeVerdict {
  readonly status: MergeStatus;
  readonly conflict: MergeConflictKind;
  /** Both changed it, and it was merged already. */
  readonly isSettled: boolean;
  readonly rowBase: number;
}

export function verdictOfMerge({ pairs }: ThreeWayFound, pair: number): MergeVerdict {
  return {
    status: MERGE_STATUSES[pairs.status[pair]!] ?? 'unchanged',
    conflict: MERGE_CONFLICTS[pairs.conflict[pair]!] ?? 'none',
    isSettled: pairs.settled[pair] === 1,
    rowBase: pairs.rowBase[pair]!,
  };
}

export function useMergeVerdict(comparison: ComparedDocument, pair: number | undefined): MergeVerdict | undefined {
  const found = useThreeWay(comparison);
  return useMemo(() => (found && pair !== undefined ? verdictOfMerge(found, pair) : undefined), [found, pair]);
}

/** Pairs in conflict that are shown of a list. */
const SHOWN = 100;

/** The first conflicts at and below a node, in the order of the tree, and how many there are. */
export function listConflicts(
  { tree }: ComparedDocument,
  { pairs, conflictsBelow }: ThreeWayFound,
  node: number,
): PairList {
  const found: number[] = [];
  for (let at = node; at < tree.end[node]! && found.length < SHOWN; at++) {
    const pair = tree.entry[at]!;
    if (pair >= 0 && pairs.status[pair] === CONFLICT) found.push(pair);
  }
  return { count: conflictsBelow[node]!, pairs: found };
}

export type MergeCounts = Readonly<Record<MergeStatus, number>>;

/** How many of the pairs at and below a node stand how. */
function countMerge({ tree }: ComparedDocument, pairs: ThreeWayPairs, node: number): MergeCounts {
  const found = new Uint32Array(MERGE_STATUSES.length);
  for (let at = node; at < tree.end[node]!; at++) {
    const pair = tree.entry[at]!;
    if (pair >= 0) found[pairs.status[pair]!]!++;
  }
  return Object.fromEntries(MERGE_STATUSES.map((status, code) => [status, found[code]!])) as Record<
    MergeStatus,
    number
  >;
}

export function useMergeCounts(comparison: ComparedDocument, node: number): MergeCounts | undefined {
  const found = useThreeWay(comparison);
  return useMemo(
    () => found && (node === 0 ? found.counts : countMerge(comparison, found.pairs, node)),
    [comparison, found, node],
  );
}

const documentsOf = (comparison: ComparedDocument, base: DocumentId | null): readonly OpenedDocument[] => {
  const document = base === null ? undefined : documentOf(base);
  return [...sidesOf(comparison), ...(document ? [document] : [])];
};

/** Bytes that are read for it, and whether that is done without a word. */
export function costOfThreeWay(comparison: ComparedDocument): { readonly bytes: number; readonly isQuick: boolean } {
  const documents = documentsOf(comparison, useCompare.getState().base);
  const sizes = documents.map(({ summary }) => summary.bytes);
  return {
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    isQuick: documents.every((document, i) => !needsAsking(document, sizes[i]!)),
  };
}

/** Compares both sides with the base that is chosen, or with none. */
export function compareWithBase(comparison: ComparedDocument, asked: boolean): Promise<void> {
  const { base } = useCompare.getState();
  return compute<ThreeWayFound>({
    key: threeWayKey(comparison),
    title: `Comparing ${comparison.name} with ${base === null ? 'each other' : (documentOf(base)?.name ?? 'the base')}`,
    asked,
    async run(call) {
      const request = { comparison: comparison.id, settled: settledKeys(comparison.pairs.a) };
      const pairs = await engine().threeWay({ ...request, ...(base !== null && { base }) }, call);
      refreshByPairs(comparison.id);
      return {
        base,
        pairs,
        conflictsBelow: countConflicts(comparison, pairs),
        counts: countMerge(comparison, pairs, 0),
      };
    },
  });
}

/** Children come after their parents. */
function countConflicts({ tree }: ComparedDocument, { status }: ThreeWayPairs): Uint32Array {
  const counts = new Uint32Array(tree.count);
  for (let node = tree.count - 1; node >= 0; node--) {
    const pair = tree.entry[node]!;
    if (pair >= 0 && status[pair] === CONFLICT) counts[node]!++;
    if (node > 0) counts[tree.parent[node]!]! += counts[node]!;
  }
  return counts;
}

/** Conflicts at and below a node, and its siblings before `end`; undefined while there is no base, or nobody knows. */
export function useConflictsBelow(comparison: ComparedDocument, node: number, end: number): number | undefined {
  const found = useThreeWay(comparison);
  const { tree } = comparison;
  const sum = useCallback(() => {
    if (!found) return undefined;
    let total = 0;
    for (let at = node; at < end; at = tree.end[at]!) total += found.conflictsBelow[at]!;
    return total;
  }, [found, node, end, tree]);
  return useMemo(sum, [sum]);
}

/** Keeps what is known of the base true to the documents: where that is quick, it is known unasked. Returns the way to stop. */
export function watchThreeWay(): () => void {
  let known: { readonly comparison: ComparedDocument | null; readonly base: OpenedDocument | undefined } = {
    comparison: null,
    base: undefined,
  };
  const follow = () => {
    const { base: id, comparison } = useCompare.getState();
    const base = id === null ? undefined : documentOf(id);
    if (comparison === known.comparison && base === known.base) return;
    if (comparison && comparison === known.comparison) forgetComputation(threeWayKey(comparison));
    known = { comparison, base };
    if (comparison && base && costOfThreeWay(comparison).isQuick) void compareWithBase(comparison, false);
  };
  const stops = [useCompare.subscribe(follow), useWorkspace.subscribe(follow)];
  return () => {
    for (const stop of stops) stop();
  };
}
