import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  type Document,
  listDataFiles,
  type OpenFile,
  openDataFiles,
  openFiles,
  openHandle,
  parseHubAddress,
  StateglassError,
} from '../src-core/index.ts';
import { nodeSource } from '../src-core/node.ts';
import { hubBase, openRepo } from './open-repo.ts';
import { recoverFile } from './recover-file.ts';
import { walkPath } from './walk-paths.ts';

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
    const source = await openHandle({ kind: 'url', url: path, name });
    return [{ id: name, source }, ...(await openDataFiles({ id: name, source }))];
  }
  const found = await Promise.all(
    (await walkPath(path)).map(async (file) => {
      await recoverFile(file.path);
      return { id: file.id, source: await nodeSource(file.path) };
    }),
  );
  return [...found, ...(await findBeside(path, found))];
}

/** Files that hold the tensors of a model that was named alone. Of a folder everything is there already. */
async function findBeside(path: string, found: readonly OpenFile[]): Promise<readonly OpenFile[]> {
  const model = found.find(({ id }) => id === basename(path));
  if (!model) return [];
  const beside = (await listDataFiles(model.source))
    .map((id) => ({ id, file: join(dirname(path), id) }))
    .filter(({ id, file }) => existsSync(file) && found.every((other) => other.id !== id));
  return Promise.all(beside.map(async ({ id, file }) => ({ id, source: await nodeSource(file) })));
}
