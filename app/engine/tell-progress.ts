import type { CallOptions } from './api.ts';

/** Nobody sees more; a scan of small tensors would tell of each. */
const TELL_MS = 80;

/** What a call wants to hear, as the core takes it. The first and the last word are always told. */
export function tellProgress(label: string, { signal, onProgress }: CallOptions) {
  let told = Number.NEGATIVE_INFINITY;
  return {
    ...(signal && { signal }),
    ...(onProgress && {
      onProgress(done: number, total: number) {
        const now = performance.now();
        if (done < total && now - told < TELL_MS) return;
        told = now;
        onProgress({ label, done, total });
      },
    }),
  };
}
