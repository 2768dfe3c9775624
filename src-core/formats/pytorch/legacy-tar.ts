/**
 * torch's format before 0.1.10: a tar archive of `storages` (a count, then for each its key, device and class as a pickle, its element
 * count as i64, its bytes; then which storages are views of others), `tensors` (a count, then for each its key, storage and class as a
 * pickle, its rank, sizes, strides and offset) and `pickle`, the object, in which tensors are named by their keys. `sys_info` says
 * nothing that is needed. See `legacy_load` of `torch/serialization.py`, which reads these with `weights_only=False` alone.
 */
import { malformed } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { intOf, itemsOf, type PersistentNode, type PickleNode, textOf } from '../../bytes/pickle/nodes.ts';
import { keepRecent } from '../../bytes/recent.ts';
import { listTar } from '../../bytes/tar.ts';
import { windowSource } from '../../bytes/window.ts';
import { PickleReader } from '../../model/pickle/read-pickles.ts';
import type { StorageData } from '../../model/state-dict.ts';
import type { ReadContext } from '../format.ts';
import { flatten } from './flatten.ts';
import { PickleCursor } from './pickle-cursor.ts';
import type { FilePart } from './state-dict.ts';
import { type StorageRef, StorageTable } from './storages.ts';
import { findTensor } from './tensors.ts';

const FORMAT = 'PyTorch tar';
const REBUILD: PickleNode = { kind: 'global', module: 'torch._utils', name: '_rebuild_tensor' };

/** @throws `malformed` where a member or a part of one is missing, `limit` for counts that no file has. */
export async function readLegacyTar(context: ReadContext): Promise<FilePart> {
  const { source, signal } = context;
  const files = await listTar(source, signal);
  const member = (name: string) => {
    const found = files.find((file) => file.name === name);
    if (!found) throw malformed(source.name, FORMAT, `there is no member "${name}"`);
    return found;
  };
  const recent = keepRecent(source);
  const pickles = new PickleReader();
  const open = (name: string) => {
    const { offset, length } = member(name);
    const part = windowSource(recent, offset, length, source.name);
    return new PickleCursor(part, { pickles, format: FORMAT, base: offset, signal });
  };

  const { storages, places } = await readStorages(open('storages'));
  const tensors = await readTensors(open('tensors'), storages);
  const object = await open('pickle').pickle();

  const table = new StorageTable((key) => places.get(key)?.length);
  table.tensorOf = (node: PersistentNode) => {
    const call = tensors.get(keyOf(node.id) ?? '');
    return call && findTensor(call, table);
  };
  const start = member('pickle').offset;
  const place = (at: number, length: number): StorageData | undefined =>
    length > 0 ? { kind: 'slices', slices: [{ file: context.id, offset: start + at, length }] } : undefined;
  const flat = flatten(object.root, { file: source.name, table, place });
  return {
    file: context.id,
    source,
    formatVersion: `tar, protocol ${object.protocol}`,
    flat,
    storages: table.finish((ref) => toData(context.id, ref, places), 'little'),
    metadata: [],
    problems: [...pickles.problems(), ...table.problems],
    pickle: pickles.report('torch refuses it: weights_only=True is not for tar files.'),
    header: { file: context.id, offset: start, length: object.end },
  };
}

interface Storages {
  /** What a persistent id of the later formats would say of it. */
  readonly storages: ReadonlyMap<string, PersistentNode>;
  readonly places: ReadonlyMap<string, { readonly offset: number; readonly length: number }>;
}

async function readStorages(cursor: PickleCursor): Promise<Storages> {
  const storages = new Map<string, PersistentNode>();
  const places = new Map<string, { offset: number; length: number }>();
  const claims = new StorageTable((_, claimed) => claimed);
  const count = await readCount(cursor);
  for (let i = 0; i < count; i++) {
    const at = cursor.offset;
    const [key, location, cls] = itemsOf((await cursor.pickle()).root) ?? [];
    const name = keyOf(key);
    if (name === undefined || !cls) throw cursor.fail('a storage without a key', at);
    const elements = await cursor.size();
    const node = storageNode(cls, name, location, elements);
    const claim = claims.use(node);
    if (!claim) throw cursor.fail(`storage ${name} is of a class that is not known`, at);
    const length = elements * claim.element.bytes;
    storages.set(name, node);
    places.set(name, { offset: cursor.offset, length: Math.min(length, cursor.left) });
    // What follows cannot be found any more; the tensors on what is there can.
    if (length > cursor.left) return { storages, places };
    cursor.skip(length);
  }
  for (const view of itemsOf((await cursor.pickle()).root) ?? []) {
    const [target, root, offset, elements] = itemsOf(view) ?? [];
    const [key, of] = [keyOf(target), storages.get(keyOf(root) ?? '')];
    const [skip, size] = [intOf(offset), intOf(elements)];
    const parts = itemsOf(of?.id);
    if (key === undefined || !parts || skip === undefined || size === undefined || skip < 0) continue;
    const items = [...parts, tuple([{ kind: 'str', value: key }, int(skip), int(size)])];
    storages.set(key, { kind: 'persistent', id: tuple(items), depth: 0 });
  }
  return { storages, places };
}

async function readTensors(
  cursor: PickleCursor,
  storages: ReadonlyMap<string, PersistentNode>,
): Promise<ReadonlyMap<string, PickleNode>> {
  const tensors = new Map<string, PickleNode>();
  const count = await readCount(cursor);
  for (let i = 0; i < count; i++) {
    const at = cursor.offset;
    const [key, storage] = itemsOf((await cursor.pickle()).root) ?? [];
    const name = keyOf(key);
    if (name === undefined) throw cursor.fail('a tensor without a key', at);
    const rank = await cursor.size(4);
    if (rank > LIMITS.tensorRank) throw cursor.fail(`a tensor of ${rank} dimensions`, at);
    const numbers: PickleNode[] = [];
    for (let n = 0; n < 2 * rank + 1; n++) numbers.push(int(await cursor.size()));
    const [size, stride, offset] = [numbers.slice(0, rank), numbers.slice(rank, 2 * rank), numbers[2 * rank]!];
    const of = storages.get(keyOf(storage) ?? '');
    // A storage that the file has no more: its class is not known either.
    if (!of) continue;
    tensors.set(name, { kind: 'reduce', fn: REBUILD, args: tuple([of, offset, tuple(size), tuple(stride)]), depth: 0 });
  }
  return tensors;
}

async function readCount(cursor: PickleCursor): Promise<number> {
  const at = cursor.offset;
  const count = intOf((await cursor.pickle()).root);
  if (count === undefined || count < 0) throw cursor.fail('there is no count', at);
  return count;
}

const storageNode = (
  cls: PickleNode,
  key: string,
  location: PickleNode | undefined,
  elements: number,
): PersistentNode => ({
  kind: 'persistent',
  id: tuple([
    { kind: 'str', value: 'storage' },
    cls,
    { kind: 'str', value: key },
    { kind: 'str', value: textOf(location) ?? 'cpu' },
    int(elements),
  ]),
  depth: 0,
});

const int = (value: number): PickleNode => ({ kind: 'int', value });
const tuple = (items: PickleNode[]): PickleNode => ({ kind: 'tuple', items, depth: 0 });

/** Addresses in memory, as numbers or as texts. */
function keyOf(node: PickleNode | undefined): string | undefined {
  if (node?.kind === 'long') return node.digits;
  return textOf(node) ?? intOf(node)?.toString();
}

function toData(file: string, ref: StorageRef, places: Storages['places']): StorageData {
  const place = places.get(ref.key);
  if (!place) return { kind: 'absent', why: `the file ends before storage ${ref.key}` };
  return { kind: 'slices', slices: place.length > 0 ? [{ file, ...place }] : [] };
}
