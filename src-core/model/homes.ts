/** Which file of a document each tensor is in, and whether it is still what it was there. */
import { StateglassError } from '../base/errors.ts';
import type { FileId } from '../bytes/source.ts';
import type { ByteSlice, Entry, StateDict, Value } from './state-dict.ts';

/** An entry to be written into a file. */
export interface HomedTensor {
  readonly entry: Entry;
  /** As it was read; none for what was added. */
  readonly was?: Entry;
}

/** The file that each entry is in, or goes to: where it was read from, the last one for what was added. */
export function findHomes(before: StateDict, after: StateDict): ReadonlyMap<FileId, readonly HomedTensor[]> {
  const homes = new Map<FileId, HomedTensor[]>();
  const last = before.files.findLast(({ part }) => part === 'model')?.id;
  for (let row = 0; row < after.entries.length; row++) {
    const entry = after.entries.at(row);
    const source = entry.source === undefined ? row : entry.source;
    const was = source === null ? undefined : before.entries.at(source);
    const home = was ? fileOf(before, was) : last;
    if (home === undefined) {
      if (was && !isSame(was, entry))
        throw refuseEntry(entry, after.format, 'its bytes are not here, so it cannot be written');
      continue;
    }
    const list = homes.get(home) ?? [];
    list.push({ entry, ...(was && { was }) });
    homes.set(home, list);
  }
  return homes;
}

/** A tensor that an open file declares and does not hold: the file was cut off. */
export function findCut(state: StateDict): Entry | undefined {
  for (let row = 0; row < state.entries.length; row++) {
    const entry = state.entries.at(row);
    if (entry.value.type === 'tensor' && !entry.value.undeclared && !placeOf(state, entry)) return entry;
  }
  return undefined;
}

/** The one place that a tensor of this format is in. */
export function placeOf({ storages }: StateDict, { value }: Entry): ByteSlice | undefined {
  if (value.type !== 'tensor' || value.storage === undefined) return undefined;
  const data = storages.get(value.storage)?.data;
  return data?.kind === 'slices' ? data.slices[0] : undefined;
}

export const fileOf = (state: StateDict, entry: Entry): FileId | undefined => placeOf(state, entry)?.file;

const counts = new WeakMap<StateDict, ReadonlyMap<FileId, number>>();

/** Entries that were read from a file. */
export function countIn(state: StateDict, id: FileId): number {
  let found = counts.get(state);
  if (!found) {
    const count = new Map<FileId, number>();
    for (let row = 0; row < state.entries.length; row++) {
      const file = fileOf(state, state.entries.at(row));
      if (file !== undefined) count.set(file, (count.get(file) ?? 0) + 1);
    }
    counts.set(state, count);
    found = count;
  }
  return found.get(id) ?? 0;
}

/** Whether the header says the same of both. */
export function isAlike(a: Entry, b: Entry): boolean {
  if (a.key !== b.key || a.value.type !== 'tensor' || b.value.type !== 'tensor') return a.key === b.key && isSame(a, b);
  return a.value.dtype === b.value.dtype && a.value.shape.join() === b.value.shape.join();
}

/** Whether both are the same name for the same bytes. */
export function isSame(a: Entry, b: Entry): boolean {
  if (a.key !== b.key) return false;
  return isSameValue(a.value, b.value);
}

export function isSameValue(x: Value, y: Value): boolean {
  if (x.type !== 'tensor' || y.type !== 'tensor') return JSON.stringify(x) === JSON.stringify(y);
  return (
    x.dtype === y.dtype &&
    x.storage === y.storage &&
    x.offset === y.offset &&
    x.shape.join() === y.shape.join() &&
    x.strides?.join() === y.strides?.join()
  );
}

export const refuseEntry = ({ key }: Pick<Entry, 'key'>, format: string, detail: string): StateglassError =>
  new StateglassError({ kind: 'unsupported', file: key, format, detail });
