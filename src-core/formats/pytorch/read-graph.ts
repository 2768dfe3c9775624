import { runPickle } from '../../bytes/pickle/machine.ts';
import type { PickleNode } from '../../bytes/pickle/nodes.ts';
import { OP } from '../../bytes/pickle/opcodes.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { openZip, type Zip, type ZipMember } from '../../bytes/zip.ts';
import type { EntryId } from '../../model/state-dict.ts';
import { DATA, findData, readAlignment, readText, storageMembers, tableOf } from './archive.ts';
import { flatten } from './flatten.ts';
import { kindOf } from './magic.ts';
import { HEAD_BYTES } from './read-file.ts';
import { refuse } from './refuse.ts';
import type { StorageRef } from './storages.ts';
import type { HolderPlace, Slot } from './trace.ts';

/** An archive read again to be written anew: its pickle, and where each entry of the document stands in it. */
export interface Graph {
  readonly zip: Zip;
  /** The folder of the data, with the slash. */
  readonly folder: string;
  readonly alignment: number;
  /** Of storages, by the key that the pickle calls them. */
  readonly members: ReadonlyMap<string, ZipMember>;
  /** By id, as the document numbers them. */
  readonly storages: ReadonlyMap<number, StorageRef>;
  readonly protocol: number;
  root: PickleNode;
  readonly entries: readonly { readonly node: PickleNode; readonly slot: Slot | undefined }[];
  /** Holders by node, with every place they were found at. */
  readonly holders: Map<PickleNode, HolderPlace[]>;
}

/** What these opcodes say is not all kept in the graph: whether a class was called, what a number or a buffer outside stands for. */
const UNKEPT = [OP.INST, OP.OBJ, OP.EXT1, OP.EXT2, OP.EXT4, OP.NEXT_BUFFER];

/** @throws `unsupported` for files that are written by other means than a pickle in a zip archive. */
export async function readGraph(source: ByteSource, signal: AbortSignal | undefined): Promise<Graph> {
  const head = await source.read(0, Math.min(HEAD_BYTES, source.size), signal);
  const instead = 'only its values can be changed in place: export it as a new .pt or .safetensors instead';
  if (kindOf(head) !== 'zip') throw refuse(source.name, `it is a file of torch before 1.6; ${instead}`);
  const zip = await openZip(source, signal);
  const data = findData(zip);
  if (!data) throw refuse(source.name, 'it has no data.pkl');
  const folder = data.name.slice(0, -DATA.length);
  if (zip.find(`${folder}constants.pkl`)) throw refuse(source.name, `it is TorchScript; ${instead}`);
  const odd = zip.problems.find(({ code }) => code !== 'odd-name');
  if (odd) throw refuse(source.name, `${odd.message} ${instead}`);
  const members = storageMembers(zip, folder, false);
  const table = tableOf(members);
  const { root, protocol, opcodes } = runPickle(await zip.read(data, { signal }), { file: source.name });
  if (UNKEPT.some((op) => opcodes.has(op))) throw refuse(source.name, `its pickle cannot be written anew; ${instead}`);
  const entries: { node: PickleNode; slot: Slot | undefined }[] = [];
  const holders = new Map<PickleNode, HolderPlace[]>();
  const trace = {
    entry: (id: EntryId, node: PickleNode, slot: Slot | undefined) => {
      entries[id] = { node, slot };
    },
    holder: (node: PickleNode, place: HolderPlace) => {
      holders.set(node, [...(holders.get(node) ?? []), place]);
    },
  };
  flatten(root, { file: source.name, table, place: () => undefined, trace });
  const { alignment = 64 } = readAlignment(await readText(zip, `${folder}.storage_alignment`, signal));
  const storages = new Map(table.refs.map((ref) => [ref.id, ref]));
  return { zip, folder, alignment, members, storages, protocol, root, entries, holders };
}
