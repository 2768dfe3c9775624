import { expect, test } from 'vitest';
import { cancelComputation, computationOf, compute, dropComputations, leaveComputation } from './computations.ts';
import { useTasks } from './tasks.ts';

/** Work that tells one value and ends when it is let go, or cancelled. */
function slowWork(key: string, asked: boolean) {
  let finish: (value: string) => void = () => undefined;
  const run = compute<string>({
    key,
    title: key,
    asked,
    run: ({ signal, onProgress }, tell) =>
      new Promise((resolve, reject) => {
        onProgress({ label: '', done: 40, total: 100 });
        tell('part');
        finish = resolve;
        signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
      }),
  });
  return { run, finish: (value: string) => finish(value) };
}

test('parts are known while it runs, and the whole is kept', async () => {
  const work = slowWork('1/a', false);
  expect(computationOf('1/a')).toMatchObject({ status: 'running', value: 'part', done: 40, total: 100 });
  await compute({ key: '1/a', title: '', asked: false, run: () => Promise.reject(new Error('asked twice')) });
  work.finish('whole');
  await work.run;
  expect(computationOf('1/a')).toMatchObject({ status: 'done', value: 'whole' });
  leaveComputation('1/a');
  expect(computationOf('1/a')?.status).toBe('done');
});

test('a cancel keeps what was read; asking again starts anew', async () => {
  const work = slowWork('1/b', true);
  expect(useTasks.getState().tasks.map((task) => task.title)).toEqual(['1/b']);
  cancelComputation('1/b');
  await work.run;
  expect(computationOf('1/b')).toMatchObject({ status: 'cancelled', value: 'part' });
  expect(useTasks.getState().tasks).toEqual([]);
  const again = slowWork('1/b', true);
  expect(computationOf('1/b')).toMatchObject({ status: 'running' });
  useTasks.getState().tasks[0]?.cancel();
  await again.run;
  expect(computationOf('1/b')?.status).toBe('cancelled');
});

test('what nobody asked for ends when nobody looks; what was asked for goes on', async () => {
  const unasked = slowWork('1/c', false);
  leaveComputation('1/c');
  expect(computationOf('1/c')).toBeUndefined();
  await unasked.run;
  expect(computationOf('1/c')).toBeUndefined();
  const asked = slowWork('1/d', true);
  leaveComputation('1/d');
  expect(computationOf('1/d')?.status).toBe('running');
  asked.finish('whole');
  await asked.run;
  expect(computationOf('1/d')?.status).toBe('done');
});

test('a document that is closed takes its computations with it', async () => {
  const work = slowWork('2/a', true);
  const other = slowWork('21/a', false);
  dropComputations(2);
  await work.run;
  expect(computationOf('2/a')).toBeUndefined();
  expect(computationOf('21/a')?.status).toBe('running');
  other.finish('');
  await other.run;
});

test('the oldest are let go', async () => {
  for (let i = 0; i < 40; i++) await compute({ key: `3/${i}`, title: '', asked: false, run: async () => i });
  expect(computationOf('3/0')).toBeUndefined();
  expect(computationOf('3/39')?.value).toBe(39);
});
