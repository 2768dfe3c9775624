import { intOf, itemsOf, type PersistentNode, textOf } from '../../bytes/pickle/nodes.ts';
import type { Problem, Storage, StorageData, StorageId, TensorValue } from '../../model/state-dict.ts';
import type { Derivation } from '../../tensor/derivation.ts';
import { storageDType, type TorchDType } from './dtypes.ts';
import type { FoundTensor } from './tensors.ts';

/** One storage a pickle speaks of. Tensors refer to it by id; where its bytes are is filled in at the end. */
export interface StorageRef {
  readonly id: StorageId;
  /** The pickle's own name for it: a number as text. */
  readonly key: string;
  /** As its class says. */
  readonly element: TorchDType;
  /** Elements, as the pickle says. */
  readonly count: number;
  /** `cpu`, `cuda:0`. */
  readonly location: string;
  /** Bytes that are really there: tensors are checked against it. */
  readonly byteLength: number;
}

/** A tensor's or the pickle's own way to look at a storage: legacy files have views of a root storage. */
export interface StorageUse {
  readonly ref: StorageRef;
  readonly element: TorchDType;
  /** Elements to skip in the root storage. */
  readonly skip: number;
  readonly isUntyped: boolean;
}

interface MadeStorage {
  readonly id: StorageId;
  readonly expr: Derivation;
  /** Bytes. */
  readonly byteLength: number;
  readonly inputs: readonly TensorValue[];
}

/** Storages in order of first mention. `sizeOf` tells how many bytes the file has for a key; undefined when it has none. */
export class StorageTable {
  readonly refs: StorageRef[] = [];
  /** What a persistent id means that names a whole tensor, where a format has such. */
  tensorOf: (node: PersistentNode) => FoundTensor | undefined = () => undefined;
  readonly problems: Problem[] = [];
  /** Byte strings of the pickle itself. */
  private readonly blobs: Storage[] = [];
  /** Made of other storages, which are known at the end. */
  private readonly made: MadeStorage[] = [];
  private readonly byKey = new Map<string, StorageRef>();
  private readonly sizeOf: (key: string, claimed: number) => number | undefined;
  private nextId = 0;

  constructor(sizeOf: (key: string, claimed: number) => number | undefined) {
    this.sizeOf = sizeOf;
  }

  /** What a persistent id of the form ('storage', class, key, location, count[, view]) means; undefined for any other. */
  use(node: PersistentNode): StorageUse | undefined {
    const items = itemsOf(node.id);
    if (!items || textOf(items[0]) !== 'storage') return undefined;
    const [, cls, keyNode, locationNode, countNode, view] = items;
    const element = storageDType(cls);
    const count = intOf(countNode);
    const key = textOf(keyNode) ?? intOf(keyNode)?.toString();
    if (!element || key === undefined || count === undefined || count < 0) return undefined;
    const isUntyped = cls?.kind === 'global' && cls.name === 'UntypedStorage';
    let ref = this.byKey.get(key);
    if (!ref) {
      const claimed = count * element.bytes;
      const found = this.sizeOf(key, claimed);
      const location = textOf(locationNode) ?? 'unknown';
      ref = { id: this.nextId++, key, element, count, location, byteLength: found ?? 0 };
      this.refs.push(ref);
      this.byKey.set(key, ref);
      this.check(ref, claimed, found);
    }
    const viewItems = itemsOf(view);
    return { ref, element, skip: (viewItems && intOf(viewItems[1])) ?? 0, isUntyped };
  }

  addBlob(data: StorageData, byteLength: number, endian: 'little' | 'big' = 'little'): StorageId {
    const id = this.nextId++;
    this.blobs.push({ id, data, byteLength, endian });
    return id;
  }

  /** A storage that is derived from tensors of others. */
  addMade(expr: Derivation, byteLength: number, inputs: readonly TensorValue[]): StorageId {
    const id = this.nextId++;
    this.made.push({ id, expr, byteLength, inputs });
    return id;
  }

  private check(ref: StorageRef, claimed: number, found: number | undefined): void {
    if (found === undefined) {
      const message = `Storage ${ref.key} is named and its bytes are not in the file.`;
      this.problems.push({ code: 'missing-storage', severity: 'error', message });
    } else if (found < claimed) {
      const message = `Storage ${ref.key} has ${found} bytes where its ${ref.count} elements need ${claimed}.`;
      this.problems.push({ code: 'truncated', severity: 'error', message });
    }
  }

  /** All of them in order of id. `dataOf` says where the bytes of a storage are. */
  finish(dataOf: (ref: StorageRef) => StorageData, endian: 'little' | 'big'): Storage[] {
    const storages: Storage[] = [];
    for (const ref of this.refs) {
      storages[ref.id] = { id: ref.id, byteLength: ref.byteLength, endian, data: dataOf(ref) };
    }
    for (const blob of this.blobs) storages[blob.id] = blob;
    for (const { id, byteLength, expr, inputs } of this.made) {
      const from = inputs.map((value) => ({ value, storage: storages[value.storage!]! }));
      const absent = from.find(({ storage }) => storage.data.kind === 'absent');
      const data = absent ? absent.storage.data : ({ kind: 'derived', expr, inputs: from } as const);
      storages[id] = { id, byteLength, endian: 'little', data };
    }
    return storages;
  }
}
