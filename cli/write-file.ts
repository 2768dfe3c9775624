import { existsSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Sink, StateglassError } from '../src-core/index.ts';

/**
 * Makes a file whole or not at all: it is written under another name beside its own, brought to the disk and put in place. Nothing
 * stays of one that fails or is stopped.
 *
 * @throws `bad-input` when the file is there already and is not to be replaced, `source` when it cannot be written.
 */
export async function writeFile(path: string, replace: boolean, write: (sink: Sink) => Promise<void>): Promise<void> {
  checkFree(path, replace);
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  const file = await open(temporary, 'wx').catch((cause: unknown) => {
    throw refuse(path, cause);
  });
  try {
    await write(fileSink(path, file));
    await file.sync().catch((cause: unknown) => {
      throw refuse(path, cause);
    });
    await file.close();
    checkFree(path, replace);
    await rename(temporary, path).catch((cause: unknown) => {
      throw refuse(path, cause);
    });
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
}

function checkFree(path: string, replace: boolean): void {
  if (replace || !existsSync(path)) return;
  throw new StateglassError({ kind: 'bad-input', detail: `${path} is there already; --force replaces it` });
}

const fileSink = (path: string, file: FileHandle): Sink => ({
  async write(at, bytes) {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done).catch((cause: unknown) => {
        throw refuse(path, cause);
      });
      done += bytesWritten;
    }
  },
});

function refuse(path: string, cause: unknown): StateglassError {
  const code = (cause as { code?: unknown }).code;
  const detail =
    code === 'ENOSPC'
      ? 'the disk is full'
      : code === 'ENOENT'
        ? 'there is no such folder'
        : code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
          ? 'this account may not write here'
          : `it cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`;
  return new StateglassError({ kind: 'source', file: path, detail }, { cause });
}
