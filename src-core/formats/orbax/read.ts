import { StateglassError } from '../../base/errors.ts';
import type { FileInfo, MetaItem } from '../../model/state-dict.ts';
import type { Read, ReadContext } from '../format.ts';
import { findItems, folderOf, nameOf, stepOf } from './gather.ts';
import { type KeyValues, listFolder } from './key-values.ts';
import { listLeaves } from './list-leaves.ts';
import { readDatabase } from './ocdbt-tree.ts';
import { readCheckpointMetadata, readRandomKeys, readShardings, readStrings, readText } from './side-files.ts';
import { makeState } from './state.ts';
import { parseTreeMetadata } from './tree-metadata.ts';
import { listArrays } from './zarr-arrays.ts';

/** Reads the names of a checkpoint: some metadata, and the nodes of the database where there is one. */
export const read: Read = async (context) => {
  const { id, source, files, set, signal } = context;
  const folder = findItems(set).find(({ primary }) => primary === id)?.folder ?? folderOf(id);
  const isDatabase = files.has(`${folder}manifest.ocdbt`) || nameOf(id) === 'manifest.ocdbt';
  const isManifest = await beginsAsManifest(context);
  const text = isManifest ? undefined : await readText(id, files, signal);
  const isZarr = text !== undefined && !isDatabase && /"zarr_format"\s*:/.test(text);
  const tree = text === undefined || isZarr ? undefined : parseTreeMetadata(text, source.name);
  const step = stepOf(folder, new Set(set));
  const store = await readStore(context, folder, isDatabase || isManifest);
  const arrays = await listArrays(store.values, files, signal);
  const leaves = listLeaves(tree?.leaves, arrays, { isNested: isZarr });
  const custom: MetaItem[] = tree?.custom ? [{ section: '_METADATA', key: 'custom_metadata', value: tree.custom }] : [];
  const state = makeState({
    leaves,
    arrays,
    files,
    strings: await readStrings(folder, files, signal),
    shardings: await readShardings(folder, files, signal),
    randomKeys: await readRandomKeys(set, folder, files, signal),
    metadata: [...custom, ...(await readCheckpointMetadata(set, step, folder, files, signal))],
    infos: describeFiles(context),
    version: describeStore(store.isDatabase, arrays),
    failure: store.failure,
    isUnfinished: /orbax-checkpoint-tmp/.test(folder),
  });
  return { state, used: set.filter((one) => files.has(one)), ...nameOfFolder(folder) };
};

const MANIFEST = [0x0c, 0xdb, 0x3a, 0x2a];

async function beginsAsManifest({ source, signal }: ReadContext): Promise<boolean> {
  const head = await source.read(0, Math.min(MANIFEST.length, source.size), signal);
  return MANIFEST.every((byte, i) => head[i] === byte);
}

interface Store {
  readonly values: KeyValues;
  readonly isDatabase: boolean;
  /** Why the database cannot be read: the tree is listed all the same. */
  readonly failure?: StateglassError;
}

async function readStore({ id, files, set, signal }: ReadContext, folder: string, isDatabase: boolean): Promise<Store> {
  if (!isDatabase) return { values: listFolder(folder, set, files), isDatabase };
  const manifest = files.has(`${folder}manifest.ocdbt`) ? `${folder}manifest.ocdbt` : id;
  try {
    return { values: (await readDatabase(manifest, folder, files, signal)).values, isDatabase };
  } catch (error) {
    const isDamaged = error instanceof StateglassError && error.info.kind !== 'cancelled' && manifest !== id;
    if (!isDamaged) throw error;
    return { values: new Map(), isDatabase, failure: error };
  }
}

function describeFiles({ files, set }: ReadContext): readonly FileInfo[] {
  return set.flatMap((id) => {
    const source = files.get(id);
    const isData = /(?:^|\/)(?:d\/[0-9a-f]+|c|c\/[\d/]+|\d+(?:[./]\d+)*)$/.test(id) || nameOf(id) === 'manifest.ocdbt';
    return source
      ? [{ id, name: source.name, size: source.size, part: isData ? ('model' as const) : ('index' as const) }]
      : [];
  });
}

function describeStore(isDatabase: boolean, arrays: Awaited<ReturnType<typeof listArrays>>): string {
  const versions = new Set<string>();
  for (const { array } of arrays.values())
    if (!(array instanceof StateglassError)) versions.add(`zarr v${array.version}${array.shard ? ' in shards' : ''}`);
  return [...(isDatabase ? ['OCDBT'] : []), ...versions].join(', ');
}

/** A checkpoint is known by its folder, and by those above that tell it from its neighbours. */
function nameOfFolder(folder: string): { readonly name?: string } {
  const segments = folder.split('/').filter((segment) => segment !== '');
  return segments.length === 0 ? {} : { name: segments.slice(-3).join('/') };
}
