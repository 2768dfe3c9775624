import { type Pool, readStoredBytes, readValues, scanRows, scanStats } from '../../src-core/index.ts';
import type { CallOptions, EngineApi } from './api.ts';
import type { FindHeld } from './held.ts';

type ValueMethods = Pick<EngineApi, 'values' | 'storedBytes' | 'stats' | 'rowStats'>;

/** What is answered from the bytes of tensors. */
export function valueMethods(find: FindHeld, pool: Pool): ValueMethods {
  return {
    async values({ document, entry, slice, raw }, call = {}) {
      return readValues(find(document).document, entry, slice, call.signal, raw);
    },
    async storedBytes({ document, entry, start, end }, call = {}) {
      return readStoredBytes(find(document).document, entry, start, end, call.signal);
    },
    async stats(document, rows, call = {}) {
      await scanStats(find(document).document, rows, pool, call.onItem ?? ignore, tell('Computing statistics', call));
    },
    async rowStats(document, entry, call = {}) {
      return scanRows(find(document).document, entry, pool, tell('Computing statistics of rows', call));
    },
  };
}

const ignore = () => undefined;

const tell = (label: string, { signal, onProgress }: CallOptions) => ({
  ...(signal && { signal }),
  ...(onProgress && { onProgress: (done: number, total: number) => onProgress({ label, done, total }) }),
});
