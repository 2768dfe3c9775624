import { throwIfAborted } from '../base/errors.ts';
import { type CountingSource, countingSource } from './counting.ts';
import { allocate, checkRange } from './range.ts';
import type { ByteSource } from './source.ts';

export interface CacheOptions {
  /** Bytes of a block. Reads go to the source in whole blocks. */
  readonly blockBytes?: number;
  /** Most bytes kept. A read of more than half of it goes straight to the source. */
  readonly maxBytes?: number;
}

const BLOCK = 256 * 2 ** 10;
/** Headers and directories are read again and again while a file is opened; tensor data is not. */
const MAX = 16 * 2 ** 20;

/**
 * Keeps the blocks read last, for sources where a read is dear (a server, a zip member). Reads that run at the same time share
 * their blocks; neighbouring blocks that are missing come in one request. `bytesRead` counts what the source behind was asked for.
 */
export function cachedSource(of: ByteSource, options: CacheOptions = {}): CountingSource {
  const { blockBytes = BLOCK, maxBytes = MAX } = options;
  const source = countingSource(of);
  const { name, size, handle, stream } = source;
  /** In the order of their last use. A block that is on its way is here already. */
  const blocks = new Map<number, Promise<Uint8Array<ArrayBuffer>>>();

  const keep = (block: number, bytes: Promise<Uint8Array<ArrayBuffer>>): Promise<Uint8Array<ArrayBuffer>> => {
    blocks.delete(block);
    blocks.set(block, bytes);
    for (const oldest of blocks.keys()) {
      if (blocks.size * blockBytes <= maxBytes) break;
      blocks.delete(oldest);
    }
    return bytes;
  };

  /** Asks for the blocks [first, after) at once. */
  const fetchRun = (first: number, after: number): Promise<Uint8Array<ArrayBuffer>>[] => {
    const from = first * blockBytes;
    // Without the caller's signal: another caller may be waiting for the same block.
    const run = source.read(from, Math.min(size, after * blockBytes));
    return Array.from({ length: after - first }, (_, i) => {
      const bytes = run.then((all) => (after - first === 1 ? all : all.slice(i * blockBytes, (i + 1) * blockBytes)));
      // A failed block is asked for again next time.
      bytes.catch(() => {
        if (blocks.get(first + i) === bytes) blocks.delete(first + i);
      });
      return keep(first + i, bytes);
    });
  };

  const readBlocks = (first: number, after: number): Promise<Uint8Array<ArrayBuffer>>[] => {
    const known = Array.from({ length: after - first }, (_, i) => blocks.get(first + i));
    const found: Promise<Uint8Array<ArrayBuffer>>[] = [];
    while (found.length < known.length) {
      const at = found.length;
      const block = known[at];
      if (block) {
        found.push(keep(first + at, block));
        continue;
      }
      let stop = at + 1;
      while (stop < known.length && !known[stop]) stop++;
      found.push(...fetchRun(first + at, first + stop));
    }
    return found;
  };

  return {
    name,
    size,
    handle,
    get bytesRead() {
      return source.bytesRead;
    },
    async read(start, end, signal) {
      throwIfAborted(signal);
      checkRange(name, size, start, end);
      if (end - start > maxBytes / 2) return source.read(start, end, signal);
      const out = allocate(name, end - start);
      const first = Math.floor(start / blockBytes);
      const blocksHere = Promise.all(readBlocks(first, Math.ceil(end / blockBytes)));
      for (const [i, block] of (await abortable(blocksHere, signal)).entries()) {
        const at = (first + i) * blockBytes;
        const from = Math.max(start, at);
        out.set(block.subarray(from - at, Math.min(end, at + block.length) - at), from - start);
      }
      return out;
    },
    ...(stream && {
      stream: (start: number, end: number, signal?: AbortSignal) => stream.call(source, start, end, signal),
    }),
  };
}

/** Stops waiting when the signal fires; what is waited for goes on for others. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const stop = () => {
      try {
        throwIfAborted(signal);
      } catch (error) {
        reject(error);
      }
    };
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
