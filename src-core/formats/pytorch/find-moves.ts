import type { EntryId, StateDict, StorageId, TensorValue, Value } from '../../model/state-dict.ts';
import { bitsOf } from '../../tensor/dtype.ts';
import { type Changes, isSameValue } from './find-changes.ts';

/** A tensor that is the same but for the storage it looks at, which is a new one. */
export function isMoved(was: Value, value: Value, before: StateDict): was is TensorValue & { storage: StorageId } {
  if (was.type !== 'tensor' || value.type !== 'tensor') return false;
  if (was.storage === undefined || value.storage === undefined || value.storage < before.storages.size) return false;
  return isSameValue({ ...was, storage: 0 }, { ...value, storage: 0 });
}

/**
 * Storages in whose place all their tensors have one other, of the same length: to the file these are new values of the same storage.
 * Each is given as a dense tensor of all that the new one holds.
 */
export function findMoves(
  before: StateDict,
  after: StateDict,
  { replaced, removed, added }: Changes,
): ReadonlyMap<StorageId, TensorValue> {
  const targets = new Map<EntryId, StorageId>();
  const moves = new Map<StorageId, TensorValue>();
  const apart = new Set<StorageId>();
  for (const { was, entry } of replaced) {
    if (!isMoved(was.value, entry.value, before)) continue;
    const { storage } = was.value;
    const whole = wholeOf(before, after, storage, entry.value as TensorValue);
    const known = moves.get(storage);
    if (!whole || (known && known.storage !== whole.storage)) apart.add(storage);
    else moves.set(storage, whole);
    targets.set(was.id, storage);
  }
  const gone = new Set(removed.map(({ id }) => id));
  for (const { owner, aliases } of before.shares) {
    const group = [owner, ...aliases].filter((row) => !gone.has(row));
    const moved = group.filter((row) => targets.has(row));
    if (moved.length > 0 && moved.length < group.length) apart.add(targets.get(moved[0]!)!);
  }
  // A copy that was made before looks at the old values.
  for (const { value } of [...added, ...replaced.map(({ entry }) => entry)])
    if (value.type === 'tensor' && value.storage !== undefined) apart.add(value.storage);
  for (const storage of apart) moves.delete(storage);
  return moves;
}

function wholeOf(before: StateDict, after: StateDict, id: StorageId, value: TensorValue): TensorValue | undefined {
  const [old, now] = [before.storages.get(id), after.storages.get(value.storage as StorageId)];
  const bits = bitsOf(value.dtype);
  if (old?.endian !== 'little' || !bits || now?.byteLength !== old.byteLength) return undefined;
  const count = (old.byteLength * 8) / bits;
  if (!Number.isInteger(count)) return undefined;
  return { type: 'tensor', dtype: value.dtype, shape: [count], offset: 0, storage: value.storage as StorageId };
}
