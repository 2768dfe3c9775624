import { parentPort } from 'node:worker_threads';
import { serveTasks } from '../src-core/index.ts';
import { openNodeHandle } from '../src-core/node.ts';

parentPort?.on(
  'message',
  serveTasks(openNodeHandle, (message, transfer) => parentPort?.postMessage(message, transfer)),
);
