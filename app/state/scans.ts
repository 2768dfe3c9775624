import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import { type StatisticName, StatsTable, type TensorStats, VALUE_ORDER } from '../../src-core/index.ts';
import type { DocumentId, OpenedDocument } from '../engine/api.ts';
import { type Computation, computationKey, compute, useComputation } from './computations.ts';
import { engine } from './engine.ts';
import { refreshByStatistics } from './explorer.ts';

/** What the page knows of the statistics of a document's tensors: ten numbers each. */
interface Known {
  readonly table: StatsTable;
  readonly offsets: Map<number, number>;
  readonly listeners: Set<() => void>;
  /** The rows on screen that are being computed. */
  looking: AbortController | undefined;
}

const documents = new Map<DocumentId, Known>();

function knownOf(document: DocumentId): Known {
  let known = documents.get(document);
  if (!known) {
    known = { table: new StatsTable(), offsets: new Map(), listeners: new Set(), looking: undefined };
    documents.set(document, known);
  }
  return known;
}

export const statisticsOf = (document: DocumentId): StatsTable => knownOf(document).table;

/** The document was closed. */
export function dropScans(document: DocumentId): void {
  documents.get(document)?.looking?.abort();
  documents.delete(document);
}

const subscribeTo = (document: DocumentId) => (changed: () => void) => {
  const { listeners } = knownOf(document);
  listeners.add(changed);
  return () => void listeners.delete(changed);
};

/** One number of one tensor; undefined until somebody computed it, NaN where there is none. Draws again when it arrives. */
export function useStatistic(document: DocumentId, row: number, name: StatisticName): number | undefined {
  const { table } = knownOf(document);
  return useSyncExternalStore(
    useMemo(() => subscribeTo(document), [document]),
    useCallback(() => (table.has(row) ? table.numberOf(row, name) : undefined), [table, row, name]),
  );
}

/** Where a tensor begins in its file, in bytes; undefined until it is known, NaN where it does not lie in one as it is. */
export function useFileOffset(document: DocumentId, row: number): number | undefined {
  const { offsets } = knownOf(document);
  return useSyncExternalStore(
    useMemo(() => subscribeTo(document), [document]),
    useCallback(() => offsets.get(row), [offsets, row]),
  );
}

/** How many tensors are known; draws again when there are more. */
export const useKnownCount = (document: DocumentId): number =>
  useSyncExternalStore(
    useMemo(() => subscribeTo(document), [document]),
    useCallback(() => knownOf(document).table.size, [document]),
  );

/** One tensor was computed in full: its numbers are known everywhere. */
export function noteStatistics(document: DocumentId, row: number, stats: TensorStats | undefined): void {
  const { table, listeners } = knownOf(document);
  table.set(row, stats);
  for (const changed of listeners) changed();
}

const isTensor = ({ tree }: OpenedDocument, row: number): boolean =>
  tree.type[tree.nodeOfEntry[row]!] === VALUE_ORDER.indexOf('tensor');

/**
 * What rows on screen may cost, in bytes: each tensor, and all of a look. A person who scrolls through a large model has not
 * asked for its values; larger tensors wait until they are scanned.
 */
const GLANCE = { local: { each: 16e6, all: 128e6 }, remote: { each: 1e6, all: 4e6 } } as const;

/** What may be read, in bytes, of whatever is on screen of documents that are looked at together. */
export const bytesAtGlance = (documents: readonly OpenedDocument[]) =>
  GLANCE[documents.some(({ remote }) => remote) ? 'remote' : 'local'];

/** Whether a tensor on screen is computed without being asked for. */
export const isCheap = (document: OpenedDocument, row: number): boolean =>
  document.tree.bytes[document.tree.nodeOfEntry[row]!]! <= GLANCE[document.remote ? 'remote' : 'local'].each;

/** Computes what is cheap of the rows on screen; the look before is given up. */
export async function wantStatistics(document: OpenedDocument, rows: readonly number[]): Promise<void> {
  const known = knownOf(document.id);
  known.looking?.abort();
  let left: number = GLANCE[document.remote ? 'remote' : 'local'].all;
  const wanted = rows.filter((row) => {
    if (known.table.has(row) || !isTensor(document, row) || !isCheap(document, row)) return false;
    left -= document.tree.bytes[document.tree.nodeOfEntry[row]!]!;
    return left >= 0;
  });
  if (wanted.length === 0) return;
  const controller = new AbortController();
  known.looking = controller;
  // Scrolled away, closed, or not readable: nothing is shown, and a scan says why.
  await scan(document.id, Uint32Array.from(wanted), { signal: controller.signal }).catch(() => undefined);
}

/** Asks where the tensors on screen lie in their files. */
export async function wantOffsets(document: OpenedDocument, rows: readonly number[]): Promise<void> {
  const { offsets, listeners } = knownOf(document.id);
  const wanted = rows.filter((row) => !offsets.has(row) && isTensor(document, row));
  if (wanted.length === 0) return;
  const found = await engine().fileOffsets(document.id, Uint32Array.from(wanted));
  wanted.forEach((row, i) => void offsets.set(row, found[i]!));
  for (const changed of listeners) changed();
}

function scan(
  document: DocumentId,
  rows: Uint32Array<ArrayBuffer>,
  call: Parameters<ReturnType<typeof engine>['scan']>[2],
): Promise<void> {
  const { table, listeners } = knownOf(document);
  return engine().scan(document, rows, {
    ...call,
    onItem(batch) {
      table.add(batch);
      for (const changed of listeners) changed();
    },
  });
}

/** Rows settle for this long before anything is read for them. */
const SETTLE_MS = 120;

/** Calls `want` with the rows that have come to rest in view. */
export function useRestingRows(
  want: ((rows: readonly number[]) => void) | undefined,
  rowAt: (index: number) => number,
) {
  const timer = useMemo(() => ({ id: undefined as ReturnType<typeof setTimeout> | undefined }), []);
  useEffect(() => () => clearTimeout(timer.id), [timer]);
  return useCallback(
    (start: number, end: number) => {
      clearTimeout(timer.id);
      if (!want) return;
      timer.id = setTimeout(() => want(Array.from({ length: end - start }, (_, i) => rowAt(start + i))), SETTLE_MS);
    },
    [want, rowAt, timer],
  );
}

/** Rows of all tensors at and below a node, in tree order. */
export function tensorsBelow({ tree }: OpenedDocument, node: number): Uint32Array<ArrayBuffer> {
  const tensor = VALUE_ORDER.indexOf('tensor');
  const rows: number[] = [];
  for (let at = node; at < tree.end[node]!; at++) if (tree.type[at] === tensor) rows.push(tree.entry[at]!);
  return Uint32Array.from(rows);
}

export const scanKey = (document: DocumentId, node: number): string => computationKey(document, `scan/${node}`);

export const useScan = (document: DocumentId, node: number): Computation<null> | undefined =>
  useComputation(scanKey(document, node));

/** Statistics of every tensor below a node, as one task. What is done when it is cancelled stays. */
export function scanValues(document: OpenedDocument, node: number, name: string): Promise<void> {
  return compute<null>({
    key: scanKey(document.id, node),
    title: `Scanning ${name}`,
    asked: true,
    async run(call) {
      try {
        await scan(document.id, tensorsBelow(document, node), call);
      } finally {
        refreshByStatistics(document.id);
      }
      return null;
    },
  });
}
