import { StateglassError, throwIfAborted } from '../base/errors.ts';
import { type CountingSource, countingSource } from './counting.ts';
import { allocate, checkRange } from './range.ts';
import type { ByteSource } from './source.ts';

export interface CacheOptions {
  /** Bytes of a block. Reads go to the source in whole blocks. */
  readonly blockBytes?: number;
  /** Most bytes kept. A read of more than half of it goes straight to the source. */
  readonly maxBytes?: number;
}

/** Rows of a matrix that is looked at lie far apart: a longer block would fetch mostly what nobody asked for. */
const BLOCK = 64 * 2 ** 10;
/** Headers and directories are read again and again while a file is opened; tensor data is not. */
const MAX = 16 * 2 ** 20;

/** Blocks that are asked for in one request. */
interface Run {
  readonly stop: AbortController;
  /** Reads that still want them. */
  waiting: number;
}

interface Block {
  readonly bytes: Promise<Uint8Array<ArrayBuffer>>;
  readonly run: Run;
}

/**
 * Keeps the blocks read last, for sources where a read is dear (a server, a zip member). Reads that run at the same time share
 * their blocks; neighbouring blocks that are missing come in one request, which ends when nobody waits for it any more. `bytesRead` counts what the source behind was asked for.
 */
export function cachedSource(of: ByteSource, options: CacheOptions = {}): CountingSource {
  const { blockBytes = BLOCK, maxBytes = MAX } = options;
  const source = countingSource(of);
  const { name, size, handle, stream } = source;
  /** In the order of their last use. A block that is on its way is here already. */
  const blocks = new Map<number, Block>();

  const keep = (at: number, block: Block): Block => {
    blocks.delete(at);
    blocks.set(at, block);
    for (const oldest of blocks.keys()) {
      if (blocks.size * blockBytes <= maxBytes) break;
      blocks.delete(oldest);
    }
    return block;
  };

  /** Asks for the blocks [first, after) at once. */
  const fetchRun = (first: number, after: number): Block[] => {
    const from = first * blockBytes;
    // Not with the caller's signal: another caller may come to wait for the same blocks.
    const run: Run = { stop: new AbortController(), waiting: 0 };
    const whole = source.read(from, Math.min(size, after * blockBytes), run.stop.signal);
    // What failed or was given up is asked for again next time.
    const forget = () => {
      for (let at = first; at < after; at++) if (blocks.get(at)?.run === run) blocks.delete(at);
    };
    run.stop.signal.addEventListener('abort', forget);
    whole.catch(forget);
    return Array.from({ length: after - first }, (_, i) => {
      const bytes = whole.then((all) => (after - first === 1 ? all : all.slice(i * blockBytes, (i + 1) * blockBytes)));
      bytes.catch(() => undefined);
      return keep(first + i, { bytes, run });
    });
  };

  const readBlocks = (first: number, after: number): Block[] => {
    const known = Array.from({ length: after - first }, (_, i) => blocks.get(first + i));
    const found: Block[] = [];
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
      for (const [i, block] of (await waitFor(readBlocks(first, Math.ceil(end / blockBytes)), signal)).entries()) {
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

/** Stops waiting when the signal fires; the last one who waits for a request ends it. */
function waitFor(blocks: readonly Block[], signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>[]> {
  const all = Promise.all(blocks.map((block) => block.bytes));
  const runs = new Set(blocks.map((block) => block.run));
  for (const run of runs) run.waiting++;
  if (!signal) return all;
  return new Promise((resolve, reject) => {
    const leave = () => {
      for (const run of runs) if (--run.waiting === 0) run.stop.abort();
      reject(new StateglassError({ kind: 'cancelled' }));
    };
    signal.addEventListener('abort', leave, { once: true });
    all.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
