import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Sink, StateglassError } from '../src-core/index.ts';

export interface FileToWrite {
  readonly path: string;
  readonly write: (sink: Sink) => Promise<void>;
}

/**
 * Makes a file whole or not at all: it is written under another name beside its own, brought to the disk and put in place. Nothing
 * stays of one that fails or is stopped.
 *
 * @throws `bad-input` when the file is there already and is not to be replaced, `source` when it cannot be written.
 */
export const writeFile = (path: string, replace: boolean, write: FileToWrite['write']): Promise<void> =>
  writeFiles([{ path, write }], { replace });

export interface WriteOptions {
  /** Files that are there already may be replaced. */
  readonly replace: boolean;
  /** Made when they are not there. */
  readonly folders?: readonly string[];
  /** Given the names that the files have until they are put in place. */
  readonly check?: (temporaries: readonly string[]) => Promise<void>;
}

/**
 * Several files in one act: none is put in place before all are written and `check` has no objection.
 *
 * @throws what `writeFile` and `check` throw.
 */
export async function writeFiles(
  files: readonly FileToWrite[],
  { replace, folders = [], check }: WriteOptions,
): Promise<void> {
  const checkAllFree = () => {
    for (const { path } of files) checkFree(path, replace);
  };
  checkAllFree();
  const temporaries: string[] = [];
  const made: string[] = [];
  try {
    for (const folder of folders) if (await makeFolder(folder)) made.push(folder);
    for (const { path, write } of files) {
      const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
      const file = await openNew(path, temporary);
      temporaries.push(temporary);
      await fillFile(path, file, write);
    }
    await check?.(temporaries);
    checkAllFree();
    for (const [i, { path }] of files.entries()) {
      await rename(temporaries[i] as string, path).catch((cause: unknown) => {
        throw refuse(path, cause);
      });
    }
    for (const folder of new Set(files.map(({ path }) => dirname(path)))) await syncFolder(folder);
  } catch (error) {
    for (const temporary of temporaries) await rm(temporary, { force: true });
    for (const folder of made) await rmdir(folder).catch(() => undefined);
    throw error;
  }
}

export function checkFree(path: string, replace: boolean): void {
  if (replace || !existsSync(path)) return;
  throw new StateglassError({ kind: 'bad-input', detail: `${path} is there already; --force replaces it` });
}

/** A name that was given or taken away is on the disk only when its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  // Some systems open no folders: there it is their affair.
  const opened = await open(folder, 'r').catch(() => undefined);
  await opened?.sync().catch(() => undefined);
  await opened?.close();
}

/** True when it was not there. */
async function makeFolder(folder: string): Promise<boolean> {
  if (existsSync(folder)) return false;
  await mkdir(folder).catch((cause: unknown) => {
    throw refuse(folder, cause);
  });
  return true;
}

/** A file that takes the place of another has its permissions. */
async function openNew(path: string, temporary: string): Promise<FileHandle> {
  const mode = (await stat(path).catch(() => undefined))?.mode;
  try {
    const file = await open(temporary, 'wx');
    if (mode !== undefined) await file.chmod(mode & 0o777);
    return file;
  } catch (cause) {
    throw refuse(path, cause);
  }
}

async function fillFile(path: string, file: FileHandle, write: FileToWrite['write']): Promise<void> {
  try {
    await write({ write: (at, bytes) => writeFully(path, file, bytes, at) });
    await file.sync().catch((cause: unknown) => {
      throw refuse(path, cause);
    });
  } finally {
    await file.close();
  }
}

/** All of the bytes, however many a call takes. `path` is what an error names. */
export async function writeFully(path: string, file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done).catch((cause: unknown) => {
      throw refuse(path, cause);
    });
    done += bytesWritten;
  }
}

export function refuse(path: string, cause: unknown): StateglassError {
  const code = (cause as { code?: unknown }).code;
  const detail =
    code === 'ENOSPC'
      ? 'the disk is full'
      : code === 'ENOENT'
        ? 'there is no such folder'
        : code === 'ENOTDIR' || code === 'EEXIST'
          ? 'something else has this name'
          : code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
            ? 'this account may not write here'
            : `it cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`;
  return new StateglassError({ kind: 'source', file: path, detail }, { cause });
}
