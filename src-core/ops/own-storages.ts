/** Storages that an edit makes for tensors which are to have bytes of their own. */
import { nextStorage } from '../model/change-state.ts';
import type { DerivedInput, StateDict, Storage, StorageId, TensorValue, Value } from '../model/state-dict.ts';
import { isContiguous } from '../tensor/dense-range.ts';
import { bitsOf, countElements, packedBytes } from '../tensor/dtype.ts';
import { type FoundTensor, requireInput, storageOfDerived } from './edit-tensor.ts';

/** Storages to be added to a state, numbered as they come. */
export class OwnStorages {
  readonly list: Omit<Storage, 'id'>[] = [];
  private readonly first: StorageId;

  constructor(state: StateDict) {
    this.first = nextStorage(state);
  }

  /**
   * A tensor over a storage of its own that holds its elements and no others: the bytes as they stand where they do, else made
   * dense. Elements of less than a byte stay in their place in a storage like theirs.
   *
   * @throws `not-found` where its bytes are not here.
   */
  own(found: FoundTensor): TensorValue {
    const input = requireInput(found);
    const { strides: _, ...value } = found.value;
    if (isAllOf(input)) return { ...value, offset: 0, storage: this.add(input.storage) };
    if ((bitsOf(value.dtype) ?? 1) % 8 !== 0) return { ...found.value, storage: this.add(input.storage) };
    const { dtype, shape } = value;
    const dense = storageOfDerived({ dtype, shape, expr: { kind: 'dense' }, inputs: [input] });
    return { ...value, offset: 0, storage: this.add(dense) };
  }

  /** A value that is not a tensor: what it has of bytes becomes its own. */
  ownValue<V extends Exclude<Value, TensorValue>>(value: V, { storages }: StateDict): V {
    const storage = value.type === 'bytes' ? storages.get(value.storage) : undefined;
    return storage ? { ...value, storage: this.add(storage) } : value;
  }

  add({ id: _, ...storage }: Storage): StorageId {
    return this.first + this.list.push(storage) - 1;
  }
}

/** Whether a tensor is all of its storage, in C order. */
function isAllOf({ value, storage }: DerivedInput): boolean {
  const bytes = packedBytes(value.dtype, countElements(value.shape));
  return value.offset === 0 && storage.byteLength === bytes && isContiguous(value);
}
