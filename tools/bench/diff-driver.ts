/** What the page of the benchmark runs: the library over Web Workers of the built app. Bundled as it is asked for. */
import { blobSource, comparePairs, type FromTaskWorker, openFiles, workerPool } from '../../src-core/index.ts';
import { type Told, tell } from './diff-told.ts';

const pools = new Map<string, ReturnType<typeof workerPool>>();

/** Compares all tensors of two files in the order of their rows; seconds from opening them to the last result. */
export async function compareFiles(files: readonly File[], worker: string) {
  const started = performance.now();
  const [a, b] = await Promise.all(
    files.map(async (file) => (await openFiles([{ id: file.name, source: blobSource(file, file.name) }])).documents[0]),
  );
  if (!a || !b) throw new Error('a file does not open');
  const pool = pools.get(worker) ?? begin(worker);
  pools.set(worker, pool);
  const found: Record<string, Told> = {};
  const pairs = Array.from({ length: a.state.entries.length }, (_, row) => ({ a: row, b: row }));
  await comparePairs(a, b, pairs, pool, ({ pair, comparison }) => {
    if (comparison) found[a.state.entries.at(pair).key] = tell(comparison);
  });
  return { seconds: (performance.now() - started) / 1000, found };
}

const begin = (url: string) =>
  workerPool(navigator.hardwareConcurrency, ({ onMessage, onError }) => {
    const worker = new Worker(url, { type: 'module' });
    worker.addEventListener('message', (event: MessageEvent<FromTaskWorker>) => onMessage(event.data));
    worker.addEventListener('error', (event) => onError(event.message));
    return { post: (message) => worker.postMessage(message), end: () => worker.terminate() };
  });

const READER = `onmessage = async ({ data }) => {
  const reader = data.stream().getReader({ mode: 'byob' });
  let memory = new ArrayBuffer(4 * 2 ** 20);
  for (;;) {
    const { value, done } = await reader.read(new Uint8Array(memory));
    if (done) break;
    memory = value.buffer;
  }
  postMessage(0);
};`;

/** Seconds for reading the files once, each with a worker of its own, in the fastest way that is known. */
export async function readPlain(files: readonly File[]): Promise<number> {
  const url = URL.createObjectURL(new Blob([READER], { type: 'text/javascript' }));
  const workers = files.map((file) => [new Worker(url), file] as const);
  const started = performance.now();
  await Promise.all(
    workers.map(
      ([worker, file]) =>
        new Promise((resolve) => {
          worker.addEventListener('message', resolve, { once: true });
          worker.postMessage(file);
        }),
    ),
  );
  const seconds = (performance.now() - started) / 1000;
  for (const [worker] of workers) worker.terminate();
  return seconds;
}
