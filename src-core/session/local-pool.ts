import type { OpenSource } from '../compute/open-extents.ts';
import { runTask } from '../compute/run.ts';
import type { Pool } from './ports.ts';

/** A pool without threads: tasks are done here, at most `size` of them at a time. */
export function localPool(open: OpenSource, size = 1): Pool {
  let running = 0;
  const waiting: (() => void)[] = [];
  return {
    size,
    async run(task, signal, onProgress) {
      if (running >= size) await new Promise<void>((resolve) => waiting.push(resolve));
      running++;
      try {
        return await runTask(task, open, { signal, onProgress: onProgress && ((bytes) => onProgress(bytes, bytes)) });
      } finally {
        running--;
        waiting.shift()?.();
      }
    },
  };
}
