import { StateglassError, throwIfAborted } from '../base/errors.ts';
import { checkAnswer, checkRange } from './range.ts';
import type { ByteReader, ByteSource } from './source.ts';

/** Measured in Chromium: a BYOB reader with 4 MiB is the fastest way to walk a local file. */
const CHUNK = 4 * 2 ** 20;

/**
 * A dropped or picked file. Single reads slice it; scans stream it. Reading a file that changed on disk since it was picked is a
 * `source` error.
 */
export function blobSource(blob: Blob, name: string): ByteSource {
  const { size } = blob;
  return {
    name,
    size,
    handle: { kind: 'blob', blob, name },
    async read(start, end, signal) {
      throwIfAborted(signal);
      checkRange(name, size, start, end);
      const buffer = await blob
        .slice(start, end)
        .arrayBuffer()
        .catch((cause) => {
          throw wordBlobError(cause, name);
        });
      throwIfAborted(signal);
      checkAnswer(name, buffer.byteLength, end - start);
      return new Uint8Array(buffer);
    },
    reader(start, end, signal) {
      checkRange(name, size, start, end);
      return readBlob(blob.slice(start, end), end - start, name, signal);
    },
  };
}

/** Shorter ranges are read in one go: opening a stream costs more. */
const STREAM_BYTES = 256 * 1024;

/** One chunk is on its way while the one before is taken. Their memory is used in turn. */
function readBlob(blob: Blob, length: number, name: string, signal: AbortSignal | undefined): ByteReader {
  const chunks = length < STREAM_BYTES ? readWhole(blob) : openChunks(blob.stream());
  let chunk: Uint8Array<ArrayBuffer> = new Uint8Array();
  let got = 0;
  const take = (into: Uint8Array<ArrayBuffer>): number => {
    const part = chunk.subarray(0, into.length);
    into.set(part);
    chunk = chunk.subarray(part.length);
    return part.length;
  };
  return {
    readInto(into) {
      if (chunk.length > 0) return take(into);
      return (async () => {
        throwIfAborted(signal);
        const next = await chunks.next(chunk.buffer).catch((cause) => {
          throw wordBlobError(cause, name);
        });
        throwIfAborted(signal);
        got += next?.length ?? 0;
        if (!next) checkAnswer(name, got, length);
        else chunk = next;
        return take(into);
      })();
    },
    close() {
      chunks.cancel().catch(() => undefined);
    },
  };
}

interface Chunks {
  /** The next bytes; undefined at the end. `used` is memory that is no longer looked at. */
  next(used: ArrayBuffer): Promise<Uint8Array<ArrayBuffer> | undefined>;
  cancel(): Promise<void>;
}

function readWhole(blob: Blob): Chunks {
  let read = false;
  return {
    async next() {
      if (read) return undefined;
      read = true;
      return new Uint8Array(await blob.arrayBuffer());
    },
    cancel: async () => undefined,
  };
}

/** Into memory of ours where the stream allows it (Safari's does not). */
function openChunks(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Chunks {
  let byob: ReadableStreamBYOBReader;
  try {
    byob = stream.getReader({ mode: 'byob' });
  } catch {
    const plain = stream.getReader();
    return { next: async () => (await plain.read()).value, cancel: () => plain.cancel() };
  }
  const ask = (memory: ArrayBuffer) => {
    const answer = byob.read(new Uint8Array(memory));
    // It is looked at later, or never.
    answer.catch(() => undefined);
    return answer;
  };
  let ahead = ask(new ArrayBuffer(CHUNK));
  return {
    async next(used) {
      const { value, done } = await ahead;
      if (done || !value) return undefined;
      ahead = ask(used.byteLength === CHUNK ? used : new ArrayBuffer(CHUNK));
      return value;
    },
    cancel: () => byob.cancel(),
  };
}

/** NotReadableError, and NotFoundError in Safari and Firefox: the file is gone, or its time or size is another. */
function wordBlobError(cause: unknown, name: string): StateglassError {
  if (cause instanceof StateglassError) return cause;
  const isGone = cause instanceof DOMException && ['NotReadableError', 'NotFoundError'].includes(cause.name);
  const detail = isGone
    ? 'the file changed on disk, or was moved, since it was opened'
    : `the file cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
  return new StateglassError({ kind: 'source', file: name, detail, advice: 'Open it again' }, { cause });
}
