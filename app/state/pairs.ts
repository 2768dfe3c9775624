import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { DELTAS, type DeltaName, DeltaTable, VALUE_ORDER, VERDICTS, type Verdict } from '../../src-core/index.ts';
import type { DocumentId, OpenedDocument } from '../engine/api.ts';
import type { ComparedDocument, PairBatch } from '../engine/compare-api.ts';
import { type Computation, computationKey, compute, useComputation } from './computations.ts';
import { engine } from './engine.ts';
import { refreshByPairs } from './explorer.ts';
import { bytesAtGlance } from './scans.ts';
import { needsAsking } from './statistics.ts';

/** What the page knows of the pairs of a comparison: a few numbers each, and sums by node. */
interface Known {
  readonly deltas: DeltaTable;
  /** Places in VERDICTS by pair. */
  readonly verdicts: Uint8Array;
  /** By node, as in `Pairs`. */
  readonly differing: Uint32Array;
  readonly unknown: Uint32Array;
  /** By node, the largest below it. */
  readonly worst: Readonly<Record<'delta' | 'rel', Float64Array>>;
  readonly listeners: Set<() => void>;
  /** The rows on screen that are being compared. */
  looking: AbortController | undefined;
  /** Counts up with what is learnt. */
  version: number;
}

/** Kept with the comparison: when that is gone, so is this. */
const all = new WeakMap<ComparedDocument['pairs'], Known>();

function knownOf({ pairs, tree }: ComparedDocument): Known {
  let known = all.get(pairs);
  if (!known) {
    known = {
      deltas: new DeltaTable(),
      verdicts: pairs.verdict.slice(),
      differing: pairs.differing.slice(),
      unknown: pairs.unknown.slice(),
      worst: { delta: new Float64Array(tree.count), rel: new Float64Array(tree.count) },
      listeners: new Set(),
      looking: undefined,
      version: 0,
    };
    all.set(pairs, known);
  }
  return known;
}

/** What was learnt of the pairs before is known of those that are the same now. */
export function inheritKnown(comparison: ComparedDocument, before: ComparedDocument, kept: Int32Array): void {
  const known = knownOf(before);
  known.looking?.abort();
  const rows = Uint32Array.from(kept.keys()).filter((pair) => kept[pair]! >= 0 && known.deltas.has(kept[pair]!));
  const olds = Array.from(rows, (pair) => kept[pair]!);
  const verdicts = Uint8Array.from(olds, (old) => known.verdicts[old]!);
  learn(comparison, knownOf(comparison), { rows, values: known.deltas.batchOf(olds).values, verdicts });
}

const CHANGED = VERDICTS.indexOf('changed');

function learn({ tree }: ComparedDocument, known: Known, batch: PairBatch): void {
  known.deltas.add(batch);
  const [delta, rel] = [DELTAS.indexOf('delta'), DELTAS.indexOf('rel')];
  batch.rows.forEach((pair, i) => {
    const [was, is] = [known.verdicts[pair]!, batch.verdicts[i]!];
    known.verdicts[pair] = is;
    const worse = [batch.values[i * DELTAS.length + delta]!, batch.values[i * DELTAS.length + rel]!] as const;
    for (let node = tree.nodeOfEntry[pair]!; ; node = tree.parent[node]!) {
      if (was !== is) {
        if (was === 0) known.unknown[node]!--;
        if (is >= CHANGED) known.differing[node]!++;
      }
      if (worse[0] > known.worst.delta[node]!) known.worst.delta[node] = worse[0];
      if (worse[1] > known.worst.rel[node]!) known.worst.rel[node] = worse[1];
      if (node === 0) break;
    }
  });
  known.version++;
  for (const changed of known.listeners) changed();
}

function useKnown<T>(comparison: ComparedDocument, read: (known: Known) => T): T {
  const known = knownOf(comparison);
  const subscribe = useCallback(
    (changed: () => void) => {
      known.listeners.add(changed);
      return () => void known.listeners.delete(changed);
    },
    [known],
  );
  return useSyncExternalStore(subscribe, () => read(known));
}

/** What is known of a pair; draws again when it is another. */
export const useVerdict = (comparison: ComparedDocument, pair: number): Verdict =>
  VERDICTS[useKnown(comparison, ({ verdicts }) => verdicts[pair]!)] ?? 'unknown';

/** One number of one pair; undefined until somebody compared it, NaN where there is none. */
export const useDelta = (comparison: ComparedDocument, pair: number, name: DeltaName): number | undefined =>
  useKnown(comparison, ({ deltas }) => (deltas.has(pair) ? deltas.numberOf(pair, name) : undefined));

/** Of the pairs at and below a node, and its siblings before `end`: those that differ, and those nobody compared yet. */
export function useBelow(comparison: ComparedDocument, node: number, end: number) {
  const { tree } = comparison;
  const sum = (counts: Uint32Array) => {
    let total = 0;
    for (let at = node; at < end; at = tree.end[at]!) total += counts[at]!;
    return total;
  };
  const differing = useKnown(comparison, (known) => sum(known.differing));
  const unknown = useKnown(comparison, (known) => sum(known.unknown));
  return { differing, unknown, pairs: sum(tree.entries) };
}

export const useWorst = (comparison: ComparedDocument, node: number, name: 'delta' | 'rel'): number =>
  useKnown(comparison, ({ worst }) => worst[name][node]!);

/** Counts up whenever more is known of any pair. */
export const usePairsVersion = (comparison: ComparedDocument): number => useKnown(comparison, ({ version }) => version);

export const deltasOf = (comparison: ComparedDocument): DeltaTable => knownOf(comparison).deltas;
export const verdictsOf = (comparison: ComparedDocument): Uint8Array => knownOf(comparison).verdicts;

/** Whether a pair has values to set against each other that nobody compared yet. */
function isOpen({ tree, pairs }: ComparedDocument, known: Known, pair: number): boolean {
  const isTensor = tree.type[tree.nodeOfEntry[pair]!] === VALUE_ORDER.indexOf('tensor');
  return isTensor && pairs.rowA[pair]! >= 0 && pairs.rowB[pair]! >= 0 && !known.deltas.has(pair);
}

async function scan(
  comparison: ComparedDocument,
  pairs: Uint32Array<ArrayBuffer>,
  call: Parameters<ReturnType<typeof engine>['scanPairs']>[2],
): Promise<void> {
  const known = knownOf(comparison);
  await engine().scanPairs(comparison.id, pairs, {
    ...call,
    onItem: (batch) => learn(comparison, known, batch),
  });
}

/** Compares what is cheap of the pairs on screen; the look before is given up. */
export async function wantPairs(
  comparison: ComparedDocument,
  sides: readonly OpenedDocument[],
  rows: readonly number[],
): Promise<void> {
  const known = knownOf(comparison);
  known.looking?.abort();
  const limit = bytesAtGlance(sides);
  let left = limit.all;
  const wanted = rows.filter((pair) => {
    if (pair < 0 || !isOpen(comparison, known, pair)) return false;
    const bytes = comparison.tree.bytes[comparison.tree.nodeOfEntry[pair]!]!;
    if (bytes > limit.each) return false;
    left -= 2 * bytes;
    return left >= 0;
  });
  if (wanted.length === 0) return;
  const controller = new AbortController();
  known.looking = controller;
  // Scrolled away, ended, or not readable: nothing is shown, and the pair itself says why.
  await scan(comparison, Uint32Array.from(wanted), { signal: controller.signal }).catch(() => undefined);
}

/** Pairs of tensors at and below a node. */
export function openPairsBelow(comparison: ComparedDocument, node: number): Uint32Array<ArrayBuffer> {
  const { tree } = comparison;
  const known = knownOf(comparison);
  const found: number[] = [];
  for (let at = node; at < tree.end[node]!; at++) {
    const pair = tree.entry[at]!;
    if (pair >= 0 && isOpen(comparison, known, pair)) found.push(pair);
  }
  return Uint32Array.from(found);
}

/** Bytes of both sides that comparing pairs reads. */
export function bytesOfPairs({ tree }: ComparedDocument, pairs: Uint32Array): number {
  let bytes = 0;
  for (const pair of pairs) bytes += 2 * tree.bytes[tree.nodeOfEntry[pair]!]!;
  return bytes;
}

export const pairScanKey = (comparison: DocumentId, node: number): string => computationKey(comparison, `scan/${node}`);

/** The node below which a computation of a comparison looks at values, if it is of that kind. */
export const scannedNode = (what: string): number | undefined =>
  what.startsWith('scan/') ? Number(what.slice('scan/'.length)) : undefined;

export const usePairScan = (comparison: ComparedDocument, node: number): Computation<null> | undefined =>
  useComputation(pairScanKey(comparison.id, node));

/** Compares the values of every pair below a node, as one task. What is done when it is cancelled stays. */
export function scanPairs(comparison: ComparedDocument, node: number, name: string, asked: boolean): Promise<void> {
  return compute<null>({
    key: pairScanKey(comparison.id, node),
    title: `Comparing values of ${name}`,
    asked,
    async run(call) {
      try {
        await scan(comparison, openPairsBelow(comparison, node), call);
      } finally {
        refreshByPairs(comparison.id);
      }
      return null;
    },
  });
}

/** Whether all of it is compared without a word. */
export const isQuick = (sides: readonly OpenedDocument[], bytes: number): boolean =>
  sides.every((side) => !needsAsking(side, bytes / 2));

/** Numbers of a pair that was looked at by itself are known everywhere. */
export const notePair = (comparison: ComparedDocument, batch: PairBatch): void =>
  learn(comparison, knownOf(comparison), batch);

/** Draws again with whatever is learnt. */
export function useDeltas(comparison: ComparedDocument): DeltaTable {
  const version = usePairsVersion(comparison);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the table is the same, what is in it is not
  return useMemo(() => deltasOf(comparison), [comparison, version]);
}
