import type { Pool } from '../../src-core/index.ts';
import type { DocumentId, EngineApi } from './api.ts';
import type { Held } from './held.ts';

/** A pool that knows what was read through it. */
export interface MeteredPool extends Pool {
  readonly bytesRead: number;
}

export function meterPool(pool: Pool): MeteredPool {
  let bytesRead = 0;
  return {
    size: pool.size,
    get bytesRead() {
      return bytesRead;
    },
    run(task, signal, onProgress) {
      return pool.run(task, signal, (bytes, read) => {
        bytesRead += read;
        onProgress?.(bytes, read);
      });
    },
  };
}

/** As often as a person reads a number that grows. */
const TELL_MS = 250;

/** Tells what has been read of each document since it was told last. */
export function readsMethods(held: ReadonlyMap<DocumentId, Held>): Pick<EngineApi, 'watchReads'> {
  return {
    async watchReads({ signal, onItem } = {}) {
      const told = new Map<DocumentId, number>();
      while (!signal?.aborted) {
        for (const [id, { document, pool }] of held) {
          const bytes = document.bytesRead + pool.bytesRead;
          if (told.get(id) !== bytes) onItem?.({ document: id, bytes });
          told.set(id, bytes);
        }
        await new Promise((resolve) => setTimeout(resolve, TELL_MS));
      }
    },
  };
}
