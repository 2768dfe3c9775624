import { parentPort } from 'node:worker_threads';
import { type ByteSource, type SourceHandle, serveTasks } from '../src-core/index.ts';
import { openNodeHandle } from '../src-core/node.ts';

/** Files by what opens them: a file that changes while tasks read it is noticed, since it was opened once. */
const sources = new Map<string, Promise<ByteSource>>();

function openSource(handle: SourceHandle): Promise<ByteSource> {
  if (handle.kind === 'buffer' || handle.kind === 'blob') return openNodeHandle(handle);
  const key = JSON.stringify(handle);
  const opened = sources.get(key) ?? openNodeHandle(handle, { exact: true });
  sources.set(key, opened);
  return opened;
}

parentPort?.on(
  'message',
  serveTasks(openSource, (message, transfer) => parentPort?.postMessage(message, transfer)),
);
