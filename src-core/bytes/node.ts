import { closeSync, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { StateglassError, throwIfAborted } from '../base/errors.ts';
import { type OpenHandleOptions, openHandle } from './open-handle.ts';
import { allocate, checkAnswer, checkRange } from './range.ts';
import type { ByteReader, ByteSource, SourceHandle } from './source.ts';
import { windowSource } from './window.ts';

/** One read call takes at most 2^31 - 1 bytes. */
const READ_MAX = 2 ** 30;

/**
 * A file on disk, for Node. The file is opened for each read and closed after it (some 0.1 ms), so that a source needs no
 * closing; a file that was replaced or written to in the meantime is a `source` error, not a mixture of two files.
 *
 * `name` is what people see, by default the path's last part.
 *
 * @throws `source` when the file cannot be opened or is not a regular file.
 */
export async function nodeSource(path: string, name: string = basename(path)): Promise<ByteSource> {
  // Not by opening it: a named pipe would wait for somebody to write.
  const first = await stat(path).catch((cause: unknown) => {
    throw wordError(cause, name);
  });
  if (!first.isFile()) {
    throw new StateglassError({
      kind: 'source',
      file: name,
      detail: first.isDirectory() ? 'this is a folder, not a file' : 'this is not a regular file',
    });
  }
  const size = first.size;
  const checkSame = (stats: Stats) => {
    if (stats.size !== size || stats.mtimeMs !== first.mtimeMs || stats.ino !== first.ino) throw changed(name);
  };
  const read: ByteSource['read'] = async (start, end, signal) => {
    throwIfAborted(signal);
    checkRange(name, size, start, end);
    const bytes = allocate(name, end - start);
    await withFile(path, name, async (file, stats) => {
      checkSame(stats);
      await readFully(file, bytes, start, name, signal);
    });
    return bytes;
  };
  return {
    name,
    size,
    handle: { kind: 'path', path, name },
    read,
    reader(start, end, signal) {
      checkRange(name, size, start, end);
      return readFile(path, name, start, end, signal, checkSame);
    },
  };
}

/**
 * Waits for the disk, since bytes that another thread reads are in another core's cache: scans run in threads of their own.
 * The file stays open from the first read to the last.
 */
function readFile(
  path: string,
  name: string,
  start: number,
  end: number,
  signal: AbortSignal | undefined,
  check: (stats: Stats) => void,
): ByteReader {
  let file: number | undefined;
  let at = start;
  const openChecked = (): number => {
    file = openSync(path, 'r');
    check(fstatSync(file));
    return file;
  };
  return {
    readInto(into) {
      throwIfAborted(signal);
      try {
        const got = readSync(file ?? openChecked(), into, 0, Math.min(into.length, end - at), at);
        if (got === 0) checkAnswer(name, at - start, end - start);
        at += got;
        return got;
      } catch (cause) {
        throw wordError(cause, name);
      }
    },
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

/**
 * `openHandle` for Node, where a path is a source as well.
 *
 * @throws what `nodeSource` and `openHandle` throw.
 */
export async function openNodeHandle(handle: SourceHandle, options: OpenHandleOptions = {}): Promise<ByteSource> {
  if (handle.kind === 'path') return nodeSource(handle.path, handle.name);
  if (handle.kind !== 'window') return openHandle(handle, options);
  return windowSource(await openNodeHandle(handle.of, options), handle.offset, handle.length, handle.name);
}

async function readFully(
  file: FileHandle,
  bytes: Uint8Array<ArrayBuffer>,
  start: number,
  name: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    throwIfAborted(signal);
    const want = Math.min(bytes.length - done, READ_MAX);
    const { bytesRead } = await file.read(bytes, done, want, start + done);
    if (bytesRead === 0) checkAnswer(name, done, bytes.length);
    done += bytesRead;
  }
}

async function withFile<T>(
  path: string,
  name: string,
  use: (file: FileHandle, stats: Stats) => Promise<T>,
): Promise<T> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    return await use(file, await file.stat());
  } catch (cause) {
    throw wordError(cause, name);
  } finally {
    await file?.close();
  }
}

const wordError = (cause: unknown, name: string): StateglassError =>
  cause instanceof StateglassError
    ? cause
    : new StateglassError({ kind: 'source', file: name, detail: wordSystemError(cause) }, { cause });

function wordSystemError(cause: unknown): string {
  const code = (cause as { code?: unknown }).code;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'this account may not read the file';
  if (code === 'EISDIR') return 'this is a folder, not a file';
  return cause instanceof Error ? cause.message : String(cause);
}

const changed = (name: string): StateglassError =>
  new StateglassError({
    kind: 'source',
    file: name,
    detail: 'the file changed on disk since it was opened',
    advice: 'Open it again',
  });
