import { expect, test } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import { openHandle } from '../bytes/open-handle.ts';
import type { Task } from '../compute/task.ts';
import {
  type FromTaskWorker,
  serveTasks,
  type TaskWorkerEvents,
  type ToTaskWorker,
  workerPool,
} from './worker-pool.ts';

const task = (length: number): Task<'digest'> => ({
  kind: 'digest',
  numbers: { dtype: 'u8' },
  storage: {
    endian: 'little',
    extents: [{ source: bufferSource(new Uint8Array(length).fill(length), 'x').handle, offset: 0, length }],
  },
  walk: { start: 0, sizes: [length], strides: [1], count: length, repeat: 1 },
  from: 0,
  to: length,
});

/** Workers that answer in the next turn, and count what they were told. */
function begun() {
  const workers: { told: ToTaskWorker[]; events: TaskWorkerEvents; ended: boolean }[] = [];
  const begin = (events: TaskWorkerEvents) => {
    const worker = { told: [] as ToTaskWorker[], events, ended: false };
    const take = serveTasks(openHandle, (message: FromTaskWorker) => {
      if (!worker.ended) events.onMessage(structuredClone(message));
    });
    workers.push(worker);
    return {
      post: (message: ToTaskWorker) => {
        worker.told.push(message);
        take(structuredClone(message));
      },
      end: () => {
        worker.ended = true;
      },
    };
  };
  return { workers, begin };
}

const digestOf = async (length: number) =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(length).fill(length)));

test('every task is answered with its own result, by no more workers than asked for', async () => {
  const { workers, begin } = begun();
  const pool = workerPool(3, begin);
  const lengths = Array.from({ length: 20 }, (_, i) => i + 1);
  const results = await Promise.all(lengths.map((length) => pool.run(task(length))));
  expect(results).toEqual(await Promise.all(lengths.map(digestOf)));
  expect(workers.length).toBe(3);
  expect(workers.map((worker) => worker.told.length).reduce((a, b) => a + b)).toBe(20);
  await pool.close();
  expect(workers.every((worker) => worker.ended)).toBe(true);
});

test('a cancel reaches what waits and what is under way, and nothing else', async () => {
  const { workers, begin } = begun();
  const pool = workerPool(1, begin);
  const cancel = new AbortController();
  const before = pool.run(task(5));
  const cancelled = Array.from({ length: 4 }, () => pool.run(task(6), cancel.signal));
  const after = pool.run(task(7));
  cancel.abort();
  const ends = await Promise.allSettled(cancelled);
  expect(ends.map((end) => end.status === 'rejected' && end.reason.info.kind)).toEqual(Array(4).fill('cancelled'));
  expect(await before).toEqual(await digestOf(5));
  expect(await after).toEqual(await digestOf(7));
  // One was in the worker's hand beside the first; the others never got there.
  expect(workers[0]?.told.filter((message) => 'task' in message)).toHaveLength(3);
});

test('when a worker ends by itself its tasks fail, and another takes what waits', async () => {
  const { workers, begin } = begun();
  const pool = workerPool(1, begin);
  const [first, second, third] = [pool.run(task(1)), pool.run(task(2)), pool.run(task(3))];
  workers[0]!.ended = true;
  workers[0]!.events.onError('out of memory');
  await expect(first).rejects.toThrow('out of memory');
  await expect(second).rejects.toThrow('out of memory');
  expect(await third).toEqual(await digestOf(3));
  expect(workers.length).toBe(2);
});
