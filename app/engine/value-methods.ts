import { readStoredBytes, readValues, viewUnpacked } from '../../src-core/index.ts';
import type { EngineApi } from './api.ts';
import type { FindHeld } from './held.ts';

type ValueMethods = Pick<EngineApi, 'values' | 'storedBytes'>;

/** What is answered from the bytes of tensors. */
export function valueMethods(find: FindHeld): ValueMethods {
  return {
    async values({ document: id, entry, slice, raw }, call = {}) {
      const { document } = find(id);
      const seen = raw ? document : await viewUnpacked(document, [entry], call.signal);
      return readValues(seen, entry, slice, call.signal, raw);
    },
    async storedBytes({ document, entry, start, end }, call = {}) {
      return readStoredBytes(find(document).document, entry, start, end, call.signal);
    },
  };
}
