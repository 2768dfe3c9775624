import { StateglassError } from '../base/errors.ts';
import type { Entry, EntryId, Problem, Storage, TensorValue } from '../model/state-dict.ts';
import { countElements } from '../tensor/dtype.ts';
import type { Document } from './document.ts';

/** All that is known of one entry, as plain data. */
export interface EntryDescription {
  readonly entry: Entry;
  readonly storage?: Storage;
  /** The others of its share group. */
  readonly sharedWith: readonly { readonly id: EntryId; readonly key: string; readonly owner: boolean }[];
  readonly problems: readonly Problem[];
  /** Elements from the first to the last that the view touches; more than its count when there are gaps. */
  readonly span?: number;
}

/**
 * All that is known of one entry.
 *
 * @throws `not-found` for an id that is not in the document.
 */
export function describeEntry(document: Document, id: EntryId): EntryDescription {
  const { state } = document;
  const entry = findEntry(document, id);
  const storageId = entry.value.type === 'tensor' || entry.value.type === 'bytes' ? entry.value.storage : undefined;
  const storage = storageId === undefined ? undefined : state.storages.get(storageId);
  const group = state.shares.find((share) => share.owner === id || share.aliases.includes(id));
  const others = group ? [group.owner, ...group.aliases].filter((other) => other !== id) : [];
  return {
    entry,
    ...(storage && { storage }),
    sharedWith: others.map((other) => ({ id: other, key: state.entries.at(other).key, owner: other === group?.owner })),
    problems: state.problems.filter((problem) => problem.entry === id),
    ...(entry.value.type === 'tensor' && { span: viewSpan(entry.value) }),
  };
}

/** Elements from the first to the last one touched; 0 when the view is empty. */
export function viewSpan(tensor: TensorValue): number {
  const count = countElements(tensor.shape);
  if (count === 0) return 0;
  if (!tensor.strides) return count;
  return 1 + tensor.shape.reduce((sum, dim, i) => sum + (dim - 1) * (tensor.strides?.[i] ?? 0), 0);
}

/** Throws `not-found` for an id that is not in the document. */
export function findEntry({ name, state }: Document, id: EntryId): Entry {
  if (Number.isInteger(id) && id >= 0 && id < state.entries.length) return state.entries.at(id);
  throw new StateglassError({
    kind: 'not-found',
    what: `entry ${id}`,
    detail: `${name} has ${state.entries.length} entries`,
  });
}
