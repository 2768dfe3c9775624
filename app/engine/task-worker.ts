import { type ByteSource, openHandle, type SourceHandle, serveTasks, type ToTaskWorker } from '../../src-core/index.ts';

/** A server is asked once about each of its files. */
const servers = new Map<string, Promise<ByteSource>>();

function openSource(handle: SourceHandle): Promise<ByteSource> {
  if (handle.kind !== 'url') return openHandle(handle);
  const key = JSON.stringify(handle);
  const opened = servers.get(key) ?? openHandle(handle, { exact: true });
  servers.set(key, opened);
  // What failed may work the next time.
  opened.catch(() => servers.delete(key));
  return opened;
}

const take = serveTasks(openSource, (message, transfer) => self.postMessage(message, { transfer }));
self.addEventListener('message', (event: MessageEvent<ToTaskWorker>) => take(event.data));
