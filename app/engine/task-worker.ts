import { openHandle, serveTasks, type ToTaskWorker } from '../../src-core/index.ts';

const take = serveTasks(openHandle, (message, transfer) => self.postMessage(message, { transfer }));
self.addEventListener('message', (event: MessageEvent<ToTaskWorker>) => take(event.data));
