import type { Edit } from '../model/edit.ts';
import { findRow } from '../model/find-row.ts';
import type { EntryId, StateDict } from '../model/state-dict.ts';
import { listTakings } from '../ops/verbs/take-all.ts';
import { applyEdit, type EditedDocument } from './edits.ts';
import { describeForm, isTensorRow, type TensorForm, tensorAt, tiedTo } from './preview-edit.ts';

/** What taking entries of a donor would come to. */
export interface TakePreview {
  /** The edit, for people. */
  readonly title: string;
  /** Entries that are there and get another value, and those that are new. */
  readonly replaced: number;
  readonly added: number;
  /** Keys of those that are not taken and look at the same elements: without `untie` they become others too. */
  readonly tied: readonly string[];
  /** Tensors among what is replaced or added, as they are and as they would be. */
  readonly before: TensorForm;
  readonly after: TensorForm;
}

/** Keys of tied tensors that are told. */
const TOLD = 20;

/**
 * What `take` or `take-all` would come to; its donor is attached. Reads no tensor.
 *
 * @throws what the edit throws when it cannot be made.
 */
export function previewTake(document: EditedDocument, edit: Edit): TakePreview {
  const { state } = document;
  const next = applyEdit(document, edit);
  const keys = keysOf(document, edit);
  const rows = keys.flatMap((key) => findRow(state, key) ?? []);
  const taken = new Set(rows);
  const tied = [...new Set(tiedTo(state, taken))].filter((row) => !taken.has(row));
  const tensors = (of: StateDict, list: readonly EntryId[]) =>
    list.filter((row) => isTensorRow(of, row)).map((row) => tensorAt(of, row));
  return {
    title: next.log.edits[next.log.cursor - 1]?.title ?? '',
    replaced: rows.length,
    added: keys.length - rows.length,
    tied: tied.slice(0, TOLD).map((row) => state.entries.at(row).key),
    before: describeForm(tensors(state, rows)),
    after: describeForm(
      tensors(
        next.state,
        keys.flatMap((key) => findRow(next.state, key) ?? []),
      ),
    ),
  };
}

function keysOf({ donors }: EditedDocument, { op, args }: Edit): readonly string[] {
  if (op === 'take') return [(args as { readonly key: string }).key];
  const states = new Map([...donors].map(([name, { state }]) => [name, state]));
  return listTakings(args as Parameters<typeof listTakings>[0], states).map(({ to }) => to);
}
