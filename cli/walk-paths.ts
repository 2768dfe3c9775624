import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, normalize, relative, resolve, sep } from 'node:path';
import { StateglassError, sidecarOf } from '../src-core/index.ts';

/** A file and its place in what was named, `/`-separated. */
export interface FoundFile {
  readonly id: string;
  readonly path: string;
}

/** A folder of a model has tens of files; a home directory given by mistake has many more. */
const MAX_FILES = 20_000;

/**
 * Files named, and those below folders named: hidden ones left out, links to files followed (a cache of models is made of them),
 * links to folders not.
 */
export async function walkPath(path: string): Promise<FoundFile[]> {
  const info = await stat(path).catch(() => undefined);
  if (!info) throw new StateglassError({ kind: 'source', file: path, detail: 'no such file' });
  if (!info.isDirectory()) {
    const sidecar = sidecarOf(path);
    const found = [{ id: basename(path), path }, ...(await findShards(path))];
    return existsSync(sidecar) ? [...found, { id: basename(sidecar), path: sidecar }] : found;
  }
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  const found: string[] = [];
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name);
    if (isHidden(relative(path, file))) continue;
    const isFile = entry.isFile() || (entry.isSymbolicLink() && (await stat(file).catch(() => undefined))?.isFile());
    if (isFile) found.push(file);
  }
  if (found.length > MAX_FILES) {
    const detail = `${path} holds ${found.length} files; name the model's own folder`;
    throw new StateglassError({ kind: 'bad-input', detail });
  }
  const root = basename(resolve(path)) || 'folder';
  return found.sort().map((file) => ({ id: [root, ...relative(path, file).split(sep)].join('/'), path: file }));
}

/** A file of a split GGUF, whose parts are of no use alone. */
const SPLIT = /^(.*)-\d{5}(-of-\d{5}\.gguf)$/i;

/** The other files of a split model of which one was named: those beside it. */
async function findShards(path: string): Promise<FoundFile[]> {
  const [, stem, end] = SPLIT.exec(basename(path)) ?? [];
  if (stem === undefined || end === undefined) return [];
  const folder = dirname(path);
  const names = await readdir(folder);
  const isShard = (name: string) => {
    const [, otherStem, otherEnd] = SPLIT.exec(name) ?? [];
    return otherStem === stem && otherEnd === end && name !== basename(path);
  };
  return names.filter(isShard).map((name) => ({ id: name, path: join(folder, name) }));
}

/** Ids are unique: of two files with one name, both keep the path they were named by. */
export function distinctFiles(named: readonly FoundFile[]): FoundFile[] {
  // Files of a split model bring each other along.
  const files = [...new Map(named.map((file) => [file.path, file])).values()];
  const count = new Map<string, number>();
  for (const { id } of files) count.set(id, (count.get(id) ?? 0) + 1);
  const kept = new Map(
    files.map(({ id, path }) => {
      const own = (count.get(id) ?? 0) > 1 ? normalize(path).split(sep).filter(Boolean).join('/') : id;
      return [own, { id: own, path }];
    }),
  );
  return [...kept.values()];
}

/** Metadata of zarr arrays has names that begin with a dot. */
const isHidden = (path: string): boolean =>
  path.split(sep).some((part) => part.startsWith('.') && !/^\.z(?:array|attrs|group|metadata)$/.test(part));
