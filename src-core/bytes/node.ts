import { readSync, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { StateglassError, throwIfAborted } from '../base/errors.ts';
import { type OpenHandleOptions, openHandle } from './open-handle.ts';
import { allocate, checkAnswer, checkRange } from './range.ts';
import type { ByteSource, SourceHandle } from './source.ts';
import { windowSource } from './window.ts';

const CHUNK = 4 * 2 ** 20;
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
    throw new StateglassError({ kind: 'source', file: name, detail: wordSystemError(cause) }, { cause });
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
    stream(start, end, signal) {
      checkRange(name, size, start, end);
      return streamFile(path, name, start, end, signal, checkSame);
    },
  };
}

/**
 * A byte stream: a reader that brings its own buffers has them filled straight from the file, which is twice as fast as
 * new memory for every chunk. It waits for the disk, since bytes that another thread reads are in another core's cache:
 * scans run in threads of their own. The file stays open from the first chunk to the last.
 */
function streamFile(
  path: string,
  name: string,
  start: number,
  end: number,
  signal: AbortSignal | undefined,
  check: (stats: Stats) => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let file: FileHandle | undefined;
  let at = start;
  const close = async () => {
    const opened = file;
    file = undefined;
    await opened?.close();
  };
  return new ReadableStream({
    type: 'bytes',
    autoAllocateChunkSize: CHUNK,
    async pull(controller) {
      try {
        throwIfAborted(signal);
        const request = controller.byobRequest as ReadableStreamBYOBRequest;
        if (at < end) {
          if (!file) {
            file = await open(path, 'r');
            check(await file.stat());
          }
          const view = request.view as Uint8Array<ArrayBuffer>;
          const bytesRead = readSync(file.fd, view, 0, Math.min(view.byteLength, end - at), at);
          if (bytesRead === 0) checkAnswer(name, at - start, end - start);
          at += bytesRead;
          if (at === end) await close();
          request.respond(bytesRead);
        } else {
          controller.close();
          request.respond(0);
        }
      } catch (cause) {
        await close();
        if (cause instanceof StateglassError) throw cause;
        throw new StateglassError({ kind: 'source', file: name, detail: wordSystemError(cause) }, { cause });
      }
    },
    cancel: close,
  });
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
    if (cause instanceof StateglassError) throw cause;
    throw new StateglassError({ kind: 'source', file: name, detail: wordSystemError(cause) }, { cause });
  } finally {
    await file?.close();
  }
}

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
