import type { DocumentId, EngineApi } from './api.ts';
import type { Held } from './held.ts';

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
