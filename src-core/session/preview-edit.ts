import type { Edit } from '../model/edit.ts';
import { findRow } from '../model/find-row.ts';
import type { EntryId, StateDict, TensorValue } from '../model/state-dict.ts';
import { countElements, type DType, packedBytes } from '../tensor/dtype.ts';
import { applyEdit, type EditedDocument } from './edits.ts';

/** What tensors are, all together. */
export interface TensorForm {
  /** Each once, in the order they come. */
  readonly dtypes: readonly DType[];
  /** Of one tensor alone. */
  readonly shape?: readonly number[];
  /** Elements densely packed; those that several look at are counted once. */
  readonly bytes: number;
}

export interface EditPreview {
  /** Tensors that become others, those tied to them aside. */
  readonly tensors: number;
  /** Keys of those that are not named and look at the same elements: without `untie` they become others too. */
  readonly tied: readonly string[];
  /** Of all that become others. */
  readonly before: TensorForm;
  readonly after: TensorForm;
}

/** Keys of tied tensors that are told. */
const TOLD = 20;

/**
 * What an edit of tensors would come to. Reads no tensor.
 *
 * @throws what the edit throws when it cannot be made.
 */
export function previewEdit(document: EditedDocument, { op, args }: Edit): EditPreview {
  const { state } = document;
  const { key, keys, untie, ...rest } = args as Args;
  const named = new Set<EntryId>();
  for (const name of keys ?? [key ?? '']) {
    const row = findRow(state, name);
    if (row !== undefined) named.add(row);
  }
  const targets = { ...(key !== undefined && { key }), ...(keys && { keys }) };
  const { state: together } = applyEdit(document, { op, args: { ...rest, ...targets } });
  const rows = listChanged(state, together, [...named, ...tiedTo(state, named)]);
  const tied = rows.filter((row) => !named.has(row));
  const changed = untie === true ? rows.filter((row) => named.has(row)) : rows;
  const after = untie === true ? applyEdit(document, { op, args }).state : together;
  return {
    tensors: rows.length - tied.length,
    tied: tied.slice(0, TOLD).map((row) => state.entries.at(row).key),
    before: describeForm(changed.map((row) => tensorAt(state, row))),
    after: describeForm(changed.map((row) => tensorAt(after, row))),
  };
}

interface Args {
  readonly key?: string;
  readonly keys?: readonly string[];
  readonly untie?: boolean;
}

export function tiedTo({ shares }: StateDict, rows: ReadonlySet<EntryId>): readonly EntryId[] {
  const groups = shares.map(({ owner, aliases }) => [owner, ...aliases]);
  return groups.filter((group) => group.some((row) => rows.has(row))).flat();
}

/** Ops of tensors move no rows. */
const listChanged = (before: StateDict, after: StateDict, rows: readonly EntryId[]): readonly EntryId[] =>
  [...new Set(rows)].filter((row) => viewOf(tensorAt(before, row)) !== viewOf(tensorAt(after, row)));

export const isTensorRow = ({ entries }: StateDict, row: EntryId): boolean => entries.at(row).value.type === 'tensor';

export const tensorAt = ({ entries }: StateDict, row: EntryId): TensorValue => entries.at(row).value as TensorValue;

const viewOf = ({ storage, dtype, shape, strides, offset }: TensorValue): string =>
  JSON.stringify([storage, dtype, shape, strides ?? null, offset]);

export function describeForm(tensors: readonly TensorValue[]): TensorForm {
  const distinct = new Map(tensors.map((tensor) => [viewOf(tensor), tensor]));
  const [first] = distinct.values();
  let bytes = 0;
  for (const { dtype, shape } of distinct.values()) bytes += packedBytes(dtype, countElements(shape)) ?? 0;
  return {
    dtypes: [...new Set(tensors.map(({ dtype }) => dtype))],
    ...(first && distinct.size === 1 && { shape: first.shape }),
    bytes,
  };
}
