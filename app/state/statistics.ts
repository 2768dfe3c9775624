import { type EntryId, type EntryRows, type EntryStats, StateglassError } from '../../src-core/index.ts';
import type { DocumentId, OpenedDocument } from '../engine/api.ts';
import { type Computation, computationKey, compute, useComputation } from './computations.ts';
import { engine } from './engine.ts';
import { noteStatistics } from './scans.ts';
import { landOnSlice } from './values.ts';
import { goTo } from './workspace.ts';

/** Bytes that are read without asking when a person looks at one tensor: well under a second from a disk, seconds from a server. */
const UNASKED = { local: 256e6, remote: 32e6 } as const;

/** Whether so many bytes are only read when a person says so. */
export const needsAsking = (document: OpenedDocument, bytes: number): boolean =>
  bytes > (document.remote ? UNASKED.remote : UNASKED.local);

export const statisticsKey = (document: DocumentId, row: EntryId): string => computationKey(document, `stats/${row}`);

export const useStatistics = (document: DocumentId, row: EntryId): Computation<EntryStats> | undefined =>
  useComputation(statisticsKey(document, row));

/** Statistics of one tensor; while it is large, of what was read so far. */
export function computeStatistics(document: DocumentId, row: EntryId, name: string, asked: boolean): Promise<void> {
  return compute<EntryStats>({
    key: statisticsKey(document, row),
    title: `Statistics of ${name}`,
    asked,
    async run(call, tell) {
      let found: EntryStats | undefined;
      const onItem = (stats: EntryStats) => {
        found = stats;
        if (!stats.interim) noteStatistics(document, stats.id, stats.stats);
        tell(stats);
      };
      await engine().stats(document, Uint32Array.of(row), { ...call, onItem });
      if (!found) throw new StateglassError({ kind: 'not-found', what: name, detail: 'it is no tensor' });
      if (found.error) throw new StateglassError(found.error);
      return found;
    },
  });
}

export const rowsKey = (document: DocumentId, row: EntryId, axis: number): string =>
  computationKey(document, `rows/${row}/${axis}`);

export const useRowStatistics = (
  document: DocumentId,
  row: EntryId,
  axis: number,
): Computation<EntryRows> | undefined => useComputation(rowsKey(document, row, axis));

/** Statistics of everything that shares an index of an axis. */
export function computeRowStatistics(
  document: DocumentId,
  row: EntryId,
  axis: number,
  name: string,
  asked: boolean,
): Promise<void> {
  return compute<EntryRows>({
    key: rowsKey(document, row, axis),
    title: `Statistics of ${name} by index`,
    asked,
    run: (call) => engine().rowStats({ document, entry: row, axis }, call),
  });
}

/** Shows the values from an index on: it stands first in what is shown. */
export function showValuesAt(document: OpenedDocument, node: number, index: readonly number[]): void {
  const slice = index.map((at, axis) => (axis < index.length - 2 ? `${at}` : `${at}:`)).join(', ');
  landOnSlice(document, document.tree.entry[node]!, slice);
  goTo(document.id, node, 'values');
}

/** Shows what shares an index of an axis of a tensor of so many. */
export function showIndex(document: OpenedDocument, node: number, rank: number, axis: number, index: number): void {
  const slice = Array.from({ length: rank }, (_, other) => (other === axis ? `${index}` : ':')).join(', ');
  landOnSlice(document, document.tree.entry[node]!, slice);
  goTo(document.id, node, 'values');
}
