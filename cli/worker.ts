import { parentPort } from 'node:worker_threads';
import { type ByteSource, runTask, type SourceHandle, toErrorInfo, transferablesOf } from '../src-core/index.ts';
import { openNodeHandle } from '../src-core/node.ts';
import type { FromWorker, ToWorker } from './pool.ts';

/** Files by what opens them: a file that changes while tasks read it is noticed, since it was opened once. */
const sources = new Map<string, Promise<ByteSource>>();

function openSource(handle: SourceHandle): Promise<ByteSource> {
  if (handle.kind === 'buffer' || handle.kind === 'blob') return openNodeHandle(handle);
  const key = JSON.stringify(handle);
  const opened = sources.get(key) ?? openNodeHandle(handle);
  sources.set(key, opened);
  return opened;
}

const cancels = new Map<number, AbortController>();
/** One task after the other: the next is here already when one is done. */
let last: Promise<void> = Promise.resolve();

async function answer({ id, task }: Extract<ToWorker, { task: unknown }>, signal: AbortSignal): Promise<void> {
  const send = (message: FromWorker, buffers: ArrayBuffer[] = []) => parentPort?.postMessage(message, buffers);
  try {
    const result = await runTask(task, openSource, { signal, onProgress: (bytes) => send({ id, bytes }) });
    send({ id, result }, transferablesOf(result));
  } catch (error) {
    send({ id, error: toErrorInfo(error) });
  } finally {
    cancels.delete(id);
  }
}

parentPort?.on('message', (message: ToWorker) => {
  if ('cancel' in message) {
    cancels.get(message.id)?.abort();
    return;
  }
  const cancel = new AbortController();
  cancels.set(message.id, cancel);
  last = last.then(() => answer(message, cancel.signal));
});
