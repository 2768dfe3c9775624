import { type FromTaskWorker, type WorkerPool, workerPool } from '../../src-core/index.ts';

/** Web Workers, one for each core; each begins with the first task it is given. */
export function webPool(size: number = navigator.hardwareConcurrency || 2): WorkerPool {
  return workerPool(size, ({ onMessage, onError }) => {
    const worker = new Worker(new URL('./task-worker.ts', import.meta.url), { type: 'module', name: 'compute' });
    worker.addEventListener('message', (event: MessageEvent<FromTaskWorker>) => onMessage(event.data));
    worker.addEventListener('error', (event) => onError(event.message || 'for no known reason'));
    return { post: (message) => worker.postMessage(message), end: () => worker.terminate() };
  });
}
