import type { EditLog } from '../../src-core/index.ts';
import type { DocumentId } from '../engine/api.ts';
import { editLogOf } from './edits.ts';

/** A merge that was made: what it decided holds for as long as its edits do. */
interface Merge {
  readonly keys: readonly string[];
  /** How many edits held then, and the last of them. */
  readonly cursor: number;
  readonly last: string;
}

const merges = new Map<DocumentId, readonly Merge[]>();

const lastOf = ({ edits }: EditLog, cursor: number): string => {
  const edit = edits[cursor - 1];
  return edit ? JSON.stringify([edit.op, edit.args]) : '';
};

/** Remembers what both sides changed and a merge into a document decided: compared again, it is no conflict. */
export function rememberMerge(document: DocumentId, log: EditLog, keys: readonly string[]): void {
  const { cursor } = log;
  merges.set(document, [...(merges.get(document) ?? []), { keys, cursor, last: lastOf(log, cursor) }]);
}

/** Keys of what merges decided that were not undone since. */
export function settledKeys(document: DocumentId): readonly string[] {
  const log = editLogOf(document);
  const held = (merges.get(document) ?? []).filter(
    ({ cursor, last }) => log.cursor >= cursor && lastOf(log, cursor) === last,
  );
  return [...new Set(held.flatMap(({ keys }) => keys))];
}
