import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type FromTaskWorker, type WorkerPool, workerPool } from '../src-core/index.ts';

/** Worker threads, one for each core unless told otherwise. */
export function threadPool(size: number = availableParallelism()): WorkerPool {
  return workerPool(size, ({ onMessage, onError }) => {
    // The compiled worker lies beside the compiled command.
    const worker = new Worker(new URL('./cli-worker.mjs', import.meta.url));
    worker.on('message', (message: FromTaskWorker) => onMessage(message));
    worker.on('error', (error) => onError(error.message));
    return { post: (message) => worker.postMessage(message), end: () => worker.terminate() };
  });
}
