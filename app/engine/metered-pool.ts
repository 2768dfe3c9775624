import type { Pool } from '../../src-core/index.ts';

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
