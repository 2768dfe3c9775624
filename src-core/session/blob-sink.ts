import type { SourceHandle } from '../bytes/source.ts';
import type { Sink } from './ports.ts';

/** Bytes are handed to the browser, which may keep them on disk, in pieces of this size. */
const PIECE_BYTES = 4 * 2 ** 20;

export interface BlobSink extends Sink {
  /** The file so far: ranges of files that were opened, which are not read, and bytes. */
  finish(type: string): Blob;
}

/** Composes a Blob. Ranges of dropped files stay where they are: the browser reads them when the Blob is saved. */
export function blobSink(): BlobSink {
  const placed: { readonly at: number; readonly blobs: readonly Blob[] }[] = [];
  let held = new Uint8Array(PIECE_BYTES);
  let start = 0;
  let filled = 0;
  const flush = () => {
    if (filled > 0) placed.push({ at: start, blobs: [new Blob([held.subarray(0, filled)])] });
    filled = 0;
  };
  return {
    async write(at, bytes) {
      if (at !== start + filled) flush();
      if (filled === 0) start = at;
      for (let done = 0; done < bytes.length; ) {
        const part = bytes.subarray(done, done + held.length - filled);
        held.set(part, filled);
        filled += part.length;
        done += part.length;
        if (filled < held.length) continue;
        flush();
        start = at + done;
      }
    },
    copy(at, ranges) {
      const blobs = ranges.map(({ source, start: from, end }) => cutBlob(source, from, end));
      if (blobs.includes(undefined)) return false;
      placed.push({ at, blobs: blobs as Blob[] });
      return true;
    },
    finish(type) {
      flush();
      held = new Uint8Array();
      placed.sort((a, b) => a.at - b.at);
      return new Blob(
        placed.flatMap(({ blobs }) => blobs),
        { type },
      );
    },
  };
}

/** Bytes [start, end) of a source that the browser has as a Blob; undefined for any other. */
function cutBlob(source: SourceHandle, start: number, end: number): Blob | undefined {
  if (source.kind === 'blob') return source.blob.slice(start, end);
  if (source.kind === 'window') return cutBlob(source.of, source.offset + start, source.offset + end);
  return undefined;
}
