/**
 * Writes what `torch.save` writes for the same state dict: a zip archive of a protocol 2 pickle and of one member for each storage.
 * Entries that look at one storage share it. See `torch/serialization.py` (`_save`).
 */
import { encodePickle } from '../../bytes/pickle/encode.ts';
import type { PickleNode } from '../../bytes/pickle/nodes.ts';
import type { Entry, Problem, StateDict, StorageId, TensorValue, Value } from '../../model/state-dict.ts';
import type { Write } from '../format.ts';
import { type TakenTensor, type TensorHold, takeTensors, wordNoType } from '../take-tensors.ts';
import { dict, NodeBuilder } from './build-nodes.ts';
import { type TorchName, torchNameOf } from './dtypes.ts';
import { nestEntries } from './nest-entries.ts';
import { planArchive, type TorchMember } from './write-archive.ts';

const FORMAT = 'PyTorch';
/** Torch's name for an archive that is not written to a file of a name. */
const ROOT = 'archive/';
const ALIGNMENT = 64;
const METADATA = '_metadata';
const encoder = new TextEncoder();

export const write: Write = (state) => {
  const build = new NodeBuilder();
  const { tensors, losses } = takeTensors(state, holdOf(build));
  const storages = new Map<StorageId, NewStorage>();
  const nodes = new Map(tensors.map((tensor) => [tensor.value, tensorNode(tensor, storages, build)]));
  const root = rootNode(state, (value) => (value.type === 'tensor' ? nodes.get(value) : build.value(value)), build);
  const pickle = encodePickle(root, { file: 'export', protocol: 2 });
  const members = listMembers(pickle, [...storages.values()]);
  const { size, parts } = planArchive({ root: ROOT, alignment: ALIGNMENT, members });
  return { size, parts, losses: [...losses, ...loseMetadata(state)] };
};

const holdOf = (build: NodeBuilder): TensorHold => ({
  format: FORMAT,
  refuse: ({ dtype, shape }) => {
    if (!torchNameOf(dtype)) return wordNoType(dtype);
    return dtype === 'f4' && (shape.at(-1) ?? 1) % 2 !== 0
      ? 'its last dimension is odd, and f4 comes in pairs'
      : undefined;
  },
  holds: (value) => build.value(value) !== undefined,
});

interface NewStorage {
  readonly key: string;
  readonly value: TensorValue;
  readonly bytes: number;
}

function tensorNode(tensor: TakenTensor, storages: Map<StorageId, NewStorage>, build: NodeBuilder): PickleNode {
  const { value, bytes } = tensor;
  const id = value.storage ?? -1 - storages.size;
  const known = storages.get(id);
  const storage = known ?? { key: String(storages.size), value, bytes };
  if (!known) storages.set(id, storage);
  const type = torchNameOf(value.dtype) as TorchName;
  return build.tensor({
    storage: { key: storage.key, type, byteLength: storage.bytes, location: 'cpu' },
    offset: 0,
    shape: value.dtype === 'f4' ? halveLast(value.shape) : value.shape,
    requiresGrad: value.requiresGrad,
  });
}

const halveLast = (shape: readonly number[]): readonly number[] => [...shape.slice(0, -1), shape.at(-1)! / 2];

function rootNode(state: StateDict, nodeOf: (value: Value) => PickleNode | undefined, build: NodeBuilder): PickleNode {
  const held: (Entry & { readonly node: PickleNode })[] = [];
  for (let row = 0; row < state.entries.length; row++) {
    const entry = state.entries.at(row);
    const node = nodeOf(entry.value);
    if (node) held.push({ ...entry, node });
  }
  if (state.layout === 'nested') return nestEntries(held, state.nodes, build);
  const pairs = held.map(({ key, node }) => [build.text(key), node] as const);
  if (state.nodes.get('')?.container !== 'OrderedDict') return dict(pairs);
  return build.orderedDict(pairs, moduleMetadata(state, build));
}

/** What a module's `state_dict()` says of the versions of its modules. */
function moduleMetadata({ metadata }: StateDict, build: NodeBuilder): PickleNode | undefined {
  const pairs = metadata.flatMap(({ section, key, value }) => {
    const node = section === METADATA ? build.json(value) : undefined;
    return node ? [[build.text(key), node] as const] : [];
  });
  return pairs.length === 0 ? undefined : dict([[build.text(METADATA), build.orderedDict(pairs)]]);
}

function listMembers(pickle: Uint8Array<ArrayBuffer>, storages: readonly NewStorage[]): TorchMember[] {
  const text = (name: string, value: string): TorchMember => ({
    name: ROOT + name,
    content: { kind: 'bytes', bytes: encoder.encode(value) },
  });
  return [
    { name: `${ROOT}data.pkl`, content: { kind: 'bytes', bytes: pickle } },
    text('.format_version', '1'),
    text('.storage_alignment', String(ALIGNMENT)),
    text('byteorder', 'little'),
    ...storages.map(
      ({ key, value, bytes }): TorchMember => ({
        name: `${ROOT}data/${key}`,
        content: { kind: 'elements', value, length: bytes },
      }),
    ),
    text('version', '3\n'),
  ];
}

function loseMetadata(state: StateDict): readonly Problem[] {
  const isKept = state.layout === 'flat' && state.nodes.get('')?.container === 'OrderedDict';
  const lost = state.metadata.filter(({ section }) => !(isKept && section === METADATA)).length;
  const message = `${lost === 1 ? 'One item' : `${lost} items`} of the metadata cannot be kept.`;
  return lost === 0 ? [] : [{ code: 'metadata-lost', severity: 'note', message }];
}
