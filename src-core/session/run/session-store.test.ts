import { expect, test } from 'vitest';
import { LIMITS } from '../../base/limits.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Runner } from '../ports.ts';
import { NOTHING } from './nothing.ts';
import { SessionStore } from './session-store.ts';
import type { BoundWeight } from './weight-store.ts';

const options = { backend: 'wasm' } as const;

/** A graph like no other. */
const graphOf = (name: string): Graph => ({
  ...NOTHING,
  inputs: [{ ...NOTHING.inputs[0]!, name }],
  weights: [{ name: 'w', path: 'w', dtype: 'f32', shape: [1] }],
});

const weightOf = (key: string, share: number): BoundWeight => ({
  name: 'w',
  key,
  shape: [1],
  bytes: LIMITS.runWeightBytes * share,
  isEdited: false,
  row: 0,
  value: { type: 'tensor', dtype: 'f32', shape: [1], offset: 0 },
  storage: undefined,
});

function begin() {
  const running = new Set<number>();
  let next = 0;
  const runner = {
    start: async () => {
      const number = next++;
      running.add(number);
      return { backend: 'wasm', release: async () => void running.delete(number) };
    },
  } as unknown as Runner;
  return { store: new SessionStore(runner), running: () => [...running] };
}

test('of constants that have no room together those longest unused go, but none that is in use', async () => {
  const { store, running } = begin();
  const startBound = (name: string, share: number) =>
    store.startBound({ graph: graphOf(name), also: [], options }, [weightOf(name, share)]);
  const text = await startBound('text', 0.6);
  store.giveBack(await startBound('a', 0.3));
  store.giveBack(await startBound('b', 0.3));
  expect(running()).toEqual([0, 2]);
  expect(store.constantBytes).toBeCloseTo(0.9 * LIMITS.runWeightBytes);
  store.giveBack(text);
  store.giveBack(await startBound('c', 0.6));
  expect(running()).toEqual([2, 3]);
});

test('models without constants stay when constants need room, and go when there are many', async () => {
  const { store, running } = begin();
  const start = async (name: string) => store.giveBack(await store.start({ graph: graphOf(name), also: [], options }));
  await start('a');
  const choice = { graph: graphOf('a'), also: [], options };
  store.giveBack(await store.startBound(choice, [weightOf('first', 0.6)]));
  store.giveBack(await store.startBound(choice, [weightOf('second', 0.6)]));
  expect(running()).toEqual([0, 2]);
  expect(store.findBound(choice, [weightOf('first', 0.6)])).toBeUndefined();
  expect(store.findBound(choice, [weightOf('second', 0.6)])).toBeDefined();
  for (const name of ['b', 'c', 'd']) await start(name);
  expect(running()).toEqual([2, 3, 4, 5]);
});
