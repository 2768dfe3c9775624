/** What the pages of benchmarks run: the library over Web Workers of the built app. Bundled as it is asked for. */
import { blobSource, comparePairs, type FromTaskWorker, openFiles, workerPool } from '../../src-core/index.ts';
import { type Told, tell } from './diff-told.ts';
import { compareStructures, type Structure } from './structure.ts';

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

/** Seconds for reading the files once in the fastest way that is known: a worker for each, or for each half of one. */
export async function readPlain(files: readonly File[]): Promise<number> {
  const [only, more] = files;
  const half = Math.ceil((only?.size ?? 0) / 2);
  const parts = only && !more ? [only.slice(0, half), only.slice(half)] : files;
  const url = URL.createObjectURL(new Blob([READER], { type: 'text/javascript' }));
  const workers = parts.map((part) => [new Worker(url), part] as const);
  const started = performance.now();
  await Promise.all(
    workers.map(
      ([worker, part]) =>
        new Promise((resolve) => {
          worker.addEventListener('message', resolve, { once: true });
          worker.postMessage(part);
        }),
    ),
  );
  const seconds = (performance.now() - started) / 1000;
  for (const [worker] of workers) worker.terminate();
  return seconds;
}

export const pickedFiles = (): readonly File[] => [
  ...((document.getElementById('bench-files') as HTMLInputElement).files ?? []),
];

export const compareStructure = (files: readonly File[]): Promise<Structure> =>
  compareStructures(files.map((file) => blobSource(file, file.name)));

export { runModules } from './run-driver.ts';
