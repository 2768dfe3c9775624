import type { PickleNode } from '../../bytes/pickle/nodes.ts';
import type { Entry, StateDict, StorageId, TensorValue } from '../../model/state-dict.ts';
import type { NamedStorage, NodeBuilder } from './build-nodes.ts';
import { type TorchName, torchNameOf } from './dtypes.ts';
import { refuse } from './refuse.ts';
import type { StorageRef } from './storages.ts';

const PARAMETER = 'torch.nn.parameter.Parameter';

/** All of a storage, as a dense tensor, and its bytes. */
export interface NewStorage {
  readonly value: TensorValue;
  readonly length: number;
}

/** Tensors of a state that have no node yet, over storages of the file or over new ones. */
export class TensorNodes {
  /** New storages by the key that the pickle calls them until they are numbered. */
  readonly added = new Map<string, NewStorage>();
  private readonly before: StateDict;
  private readonly after: StateDict;
  private readonly refs: ReadonlyMap<StorageId, StorageRef>;
  private readonly build: NodeBuilder;

  constructor(
    states: { readonly before: StateDict; readonly after: StateDict },
    refs: ReadonlyMap<StorageId, StorageRef>,
    build: NodeBuilder,
  ) {
    this.before = states.before;
    this.after = states.after;
    this.refs = refs;
    this.build = build;
  }

  /** @throws `unsupported` for what is more than a plain tensor or a parameter, and for types that torch does not have. */
  make(entry: Entry, value: TensorValue): PickleNode {
    const isParameter = value.wrapper === PARAMETER;
    if (value.quant || (value.wrapper !== undefined && !isParameter))
      throw refuse(entry.key, `it is a ${value.wrapper ?? 'quantised tensor'}, of which only the name can be changed`);
    if (entry.meta?.some(({ section }) => section === 'attributes'))
      throw refuse(entry.key, 'it has attributes of its own, which a new tensor would not have');
    if (value.storage === undefined) throw refuse(entry.key, 'it is declared without data');
    const type = torchNameOf(value.dtype);
    if (!type) throw refuse(entry.key, `torch has no element type ${value.dtype}`);
    const storage = this.nameStorage(entry, value, value.storage, type);
    const { shape, offset, strides } = value;
    const isPaired = value.dtype === 'f4';
    if (isPaired && (strides || (shape.at(-1) ?? 1) % 2 !== 0))
      throw refuse(entry.key, 'f4 comes in pairs along the last dimension');
    const node = this.build.tensor({
      storage,
      offset: isPaired ? offset / 2 : offset,
      shape: isPaired ? [...shape.slice(0, -1), shape.at(-1)! / 2] : shape,
      strides,
      requiresGrad: !isParameter && value.requiresGrad,
      bits: [...(value.conjugate ? ['conj'] : []), ...(value.negative ? ['neg'] : [])],
    });
    return isParameter ? this.build.parameter(node, value.requiresGrad === true) : node;
  }

  private nameStorage(entry: Entry, value: TensorValue, id: StorageId, type: TorchName): NamedStorage {
    const location = value.device ?? 'cpu';
    if (id < this.before.storages.size) {
      const ref = this.refs.get(id);
      if (!ref) throw refuse(entry.key, 'its bytes are not in a storage of their own');
      // A storage has one type in a pickle.
      const held = type.storage === 'UntypedStorage' ? 'u8' : value.dtype;
      if (ref.element.dtype !== held)
        throw refuse(entry.key, 'its storage is of another type: export it as a new file instead');
      return { key: ref.key, type, byteLength: ref.count * ref.element.bytes, location };
    }
    const byteLength = this.after.storages.get(id)?.byteLength ?? 0;
    const { dtype } = value;
    if (byteLength % type.bytes !== 0) throw refuse(entry.key, `its storage is no whole number of ${dtype}`);
    const count = (byteLength / type.bytes) * (dtype === 'f4' ? 2 : 1);
    const whole: TensorValue = { type: 'tensor', dtype, shape: [count], offset: 0, storage: id };
    const key = this.add(whole);
    if (this.added.get(key)?.value.dtype !== dtype) throw refuse(entry.key, 'its storage has another type elsewhere');
    return { key, type, byteLength, location };
  }

  /** The key of a new storage, of which `value` is all. */
  add(value: TensorValue): string {
    const id = value.storage as StorageId;
    const key = `new ${id}`;
    const length = this.after.storages.get(id)?.byteLength ?? 0;
    if (!this.added.has(key)) this.added.set(key, { value, length });
    return key;
  }
}
