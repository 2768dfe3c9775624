import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  type Document,
  type OpenFile,
  openFiles,
  openHandle,
  parseHubAddress,
  StateglassError,
} from '../src-core/index.ts';
import { nodeSource } from '../src-core/node.ts';
import { hubBase, openRepo } from './open-repo.ts';

/** A folder of a model has tens of files; a home directory given by mistake has many more. */
const MAX_FILES = 20_000;

/**
 * Documents of files, folders, URLs and repos (`hf://org/name@revision`) given on the command line, opened together as one drop would be.
 * A file that is no model is an error: the person named it.
 */
export async function openPaths(paths: readonly string[]): Promise<readonly Document[]> {
  if (paths.length === 0)
    throw new StateglassError({ kind: 'bad-input', detail: 'name a file, a folder, a URL or a repo (hf://org/name)' });
  const files: OpenFile[] = [];
  for (const path of paths) files.push(...(await listFiles(path)));
  const { documents, failures } = await openFiles(files);
  if (failures[0]) throw new StateglassError(failures[0].error);
  if (documents.length === 0)
    throw new StateglassError({ kind: 'bad-input', detail: `${paths.join(', ')}: no state dict here` });
  return documents;
}

async function listFiles(path: string): Promise<OpenFile[]> {
  const repo = /^(?:hf|https?):\/\//.test(path) ? parseHubAddress(path, hubBase()) : undefined;
  if (repo) return openRepo(repo);
  if (/^https?:\/\//.test(path)) {
    const name = new URL(path).pathname.split('/').at(-1) || path;
    return [{ id: name, source: await openHandle({ kind: 'url', url: path, name }) }];
  }
  const info = await stat(path).catch(() => undefined);
  if (!info) throw new StateglassError({ kind: 'source', file: path, detail: 'no such file' });
  if (!info.isDirectory()) return [{ id: basename(path), source: await nodeSource(path) }];
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.split('/').some((part) => part.startsWith('.') && part.length > 1 && part !== '..'));
  if (names.length > MAX_FILES) {
    throw new StateglassError({
      kind: 'bad-input',
      detail: `${path} holds ${names.length} files; name the model's own folder`,
    });
  }
  const root = basename(join(path, '.')) || 'folder';
  return Promise.all(
    names
      .sort()
      .map(async (file) => ({ id: `${root}/${file.slice(join(path, '/').length)}`, source: await nodeSource(file) })),
  );
}
