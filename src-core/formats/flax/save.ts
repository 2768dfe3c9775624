/**
 * Files of a Flax document with its edits: keys and headers are written anew where something changed, in the order they had; every
 * value that was not touched, and every branch of which nothing was, is copied byte for byte.
 */
import type { FileId, FileSet } from '../../bytes/source.ts';
import type { Entry, StateDict } from '../../model/state-dict.ts';
import type { Save, SavedFile } from '../format.ts';
import { copyFile } from '../patch-file.ts';
import { countBytes, refuse } from './encode-value.ts';
import { type KeptEntry, rebuild } from './rebuild.ts';
import { scanFile } from './scan.ts';
import { addFile, emptyListing } from './state.ts';

export const save: Save = async ({ before, after, files, signal }) => {
  const own = before.files.filter(({ id, part }) => (part === 'model' || part === 'index') && files.has(id));
  const touched = findTouched(before, after);
  return Promise.all(
    own.map(({ id }) =>
      touched.has(id) ? rewriteFile(id, before, after, files, signal) : copyFile(id, files.get(id)?.size ?? 0),
    ),
  );
};

/**
 * Files of which something is not as it was.
 *
 * @throws `unsupported` for an edit of shards other than new numbers: their index would have to say it too.
 */
function findTouched(before: StateDict, after: StateDict): ReadonlySet<FileId> {
  const touched = new Set<FileId>();
  const models = before.files.filter(({ part }) => part === 'model');
  const only = before.files.length === 1 ? models[0]?.id : undefined;
  const count = after.entries.length;
  if (count !== before.entries.length) {
    if (only === undefined) throw refuse(models[0]?.name ?? 'shards', inShards);
    touched.add(only);
  }
  for (let row = 0; row < count; row++) {
    const entry = after.entries.at(row);
    const source = entry.source === undefined ? row : entry.source;
    const was = source === null ? undefined : before.entries.at(source);
    if (was && source === row && isSame(was, entry)) continue;
    const home = only ?? (was && entry.key === was.key ? homeOf(before, was) : undefined);
    if (home === undefined) throw refuse(entry.key, inShards);
    touched.add(home);
  }
  return touched;
}

const inShards = 'in shards only the numbers of arrays can be changed: export it as a new file instead';

/** The file an array is in. */
function homeOf({ storages }: StateDict, { value }: Entry): FileId | undefined {
  const data = value.type === 'tensor' && value.storage !== undefined ? storages.get(value.storage)?.data : undefined;
  return data?.kind === 'slices' ? data.slices[0]?.file : undefined;
}

async function rewriteFile(
  file: FileId,
  before: StateDict,
  after: StateDict,
  files: FileSet,
  signal: AbortSignal | undefined,
): Promise<SavedFile> {
  const scanned = await scanFile(files.get(file)!, signal);
  if (scanned.broken) throw refuse(file, 'it was cut off, and what is not there cannot be written again');
  const listing = emptyListing();
  addFile(scanned, file, listing);
  const firstRow = findFirstRow(before, listing.entries);
  const kept: KeptEntry[] = [];
  for (let row = 0; row < after.entries.length; row++) {
    const entry = after.entries.at(row);
    const source = entry.source === undefined ? row : entry.source;
    if (source === null) kept.push({ entry });
    else if (source >= firstRow && source < firstRow + listing.entries.length) {
      const leaf = listing.leaves[source - firstRow]!;
      kept.push({ entry, leaf, isSame: isSameValue(before.entries.at(source), entry) });
    }
  }
  const parts = () => rebuild(scanned.root, kept, file, after);
  return { file, size: countBytes(parts()), parts, losses: [] };
}

/** The row of a file's first entry: files of a document follow one another, and so do their entries. */
function findFirstRow(before: StateDict, entries: readonly Entry[]): number {
  const first = entries[0];
  if (!first || before.files.length === 1) return 0;
  const offset = (entry: Entry) => {
    const { value } = entry;
    return value.type === 'tensor' && value.storage !== undefined ? before.storages.get(value.storage) : undefined;
  };
  const at = entries.findIndex(({ value }) => value.type === 'tensor');
  const wanted = entries[at];
  for (let row = 0; row < before.entries.length; row++) {
    const entry = before.entries.at(row);
    if (entry.key === wanted?.key && offset(entry)?.data.kind === 'slices') return row - at;
  }
  throw refuse(first.key, 'it is no longer where it was read');
}

const isSame = (a: Entry, b: Entry): boolean =>
  a.key === b.key && JSON.stringify(a.path.parts) === JSON.stringify(b.path.parts) && isSameValue(a, b);

const isSameValue = ({ value: a }: Entry, { value: b }: Entry): boolean => a === b || spell(a) === spell(b);

/** JSON that tells the zeros and what is no number apart. */
const spell = (value: unknown): string =>
  JSON.stringify(value, (_, one) =>
    typeof one === 'number' && (!Number.isFinite(one) || Object.is(one, -0))
      ? `#${Object.is(one, -0) ? '-0' : one}`
      : one,
  );
