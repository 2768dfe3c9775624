/** An archive with another pickle: its storages are copied as they stand, those that nothing names any more are left out. */
import { encodePickle } from '../../bytes/pickle/encode.ts';
import { intOf, itemsOf, type PickleNode, type StrNode, textOf } from '../../bytes/pickle/nodes.ts';
import type { FileId } from '../../bytes/source.ts';
import type { ZipMember } from '../../bytes/zip.ts';
import type { StateDict, StorageId, TensorValue } from '../../model/state-dict.ts';
import type { SavedFile } from '../format.ts';
import { DATA, isReadable } from './archive.ts';
import { tuple } from './build-nodes.ts';
import type { EditedGraph } from './edit-graph.ts';
import type { Graph } from './read-graph.ts';
import { refuse } from './refuse.ts';
import { type Content, planArchive, SERIALIZATION_ID, type TorchMember } from './write-archive.ts';

/** Reads the small members that were deflated; they are stored now, as torch stores them. */
export async function rewriteArchive(
  file: FileId,
  graph: Graph,
  { root, added, moved }: EditedGraph,
  before: StateDict,
  signal: AbortSignal | undefined,
): Promise<SavedFile> {
  const { zip, folder, alignment, protocol } = graph;
  const numbers = new Map<string, StrNode>();
  const isBig = [...graph.storages.keys()].some((id) => before.storages.get(id)?.endian === 'big');
  if (isBig && added.size > 0)
    throw refuse(zip.source.name, 'it is big-endian, which new values are not: export it as a new file instead');
  const pickle = encodePickle(root, {
    file: zip.source.name,
    protocol,
    idOf: (id) => numberStorage(id, numbers, moved),
  });
  const starts = await zip.locate(zip.members, { alignment, signal });
  const startOf = new Map(zip.members.map((member, i) => [member, starts[i] as number]));
  const contentOf = (member: ZipMember): Content => {
    const offset = startOf.get(member) as number;
    return { kind: 'copy', file, offset, length: member.size, crc: member.crc };
  };
  const idOf = new Map([...graph.storages.values()].map(({ id, key }) => [key, id]));
  const storages = [...numbers].map(([key, number]): TorchMember => {
    const name = `${folder}data/${number.value}`;
    const value = added.get(key);
    const member = graph.members.get(key);
    if (value) return { name, content: { kind: 'elements', ...value } };
    if (!member || !isReadable(member)) throw refuse(zip.source.name, `storage ${key} is not in the file`);
    if (member.method === 0) return { name, content: contentOf(member) };
    // Inflated as it is copied.
    const inflated: TensorValue = {
      type: 'tensor',
      dtype: 'u8',
      shape: [member.size],
      offset: 0,
      storage: idOf.get(key) as StorageId,
    };
    return { name, content: { kind: 'elements', value: inflated, length: member.size } };
  });
  const members: TorchMember[] = [];
  const isStorage = new Set(graph.members.values());
  let arePlaced = false;
  for (const member of zip.members) {
    const { name } = member;
    if (name === `${folder}${SERIALIZATION_ID}`) continue;
    if (isStorage.has(member)) {
      if (!arePlaced) members.push(...storages);
      arePlaced = true;
    } else if (name === folder + DATA) members.push({ name, content: { kind: 'bytes', bytes: pickle } });
    else if (member.method === 0) members.push({ name, content: contentOf(member) });
    else members.push({ name, content: { kind: 'bytes', bytes: await zip.read(member, { signal }) } });
  }
  if (!arePlaced) members.push(...storages);
  const { size, parts } = planArchive({ root: folder, alignment, members });
  return { file, size, parts, losses: [] };
}

/** Storages are numbered in the order they are named, as torch numbers them: it may compute from that where they are. */
function numberStorage(id: PickleNode, numbers: Map<string, StrNode>, moved: ReadonlyMap<string, string>): PickleNode {
  const items = itemsOf(id);
  const named = textOf(items?.[2]) ?? intOf(items?.[2])?.toString();
  if (!items || textOf(items[0]) !== 'storage' || named === undefined) return id;
  const key = moved.get(named) ?? named;
  const number = numbers.get(key) ?? { kind: 'str', value: String(numbers.size) };
  numbers.set(key, number);
  return textOf(items[2]) === number.value ? id : tuple(items.with(2, number));
}
