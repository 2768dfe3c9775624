import { beforeEach, expect, test } from 'vitest';
import type { InputSpec, RunAnswer, RunTensor } from '../../src-core/index.ts';
import type { OpenedDocument } from './engine.ts';
import { keepOutputs, offerOutputs, useKeptOutputs } from './kept-outputs.ts';
import { useWorkspace } from './workspace.ts';

const DOCUMENT = { id: 1, name: 'a.safetensors' } as OpenedDocument;
const INPUT: InputSpec = {
  name: 'input',
  dtype: 'f32',
  meaning: 'features',
  dims: [{ size: 1, free: 'batch' }, { size: 4 }],
};
const tensor = (...shape: number[]): RunTensor => ({
  dtype: 'f32',
  shape,
  data: new Float32Array(shape.reduce((n, size) => n * size, 1)),
});
const answer = (path: string, given: RunTensor, taps: RunAnswer['taps'] = {}): RunAnswer => ({
  path,
  kind: 'Linear',
  assumptions: [],
  backend: 'wasm',
  outputs: [
    { label: 'output', tensor: given },
    { label: 'mean', tensor: given, updates: 'mean' },
  ],
  taps,
  times: { start: 0, weights: 0, run: 0 },
});
const names = () => useKeptOutputs.getState().kept.map(({ path, label }) => `${path} ${label}`.trim());

beforeEach(() => useKeptOutputs.setState({ kept: [] }));

test('the newest comes first, once for each output; what would be left behind is no output', () => {
  keepOutputs(DOCUMENT, answer('a', tensor(1, 4)));
  keepOutputs(DOCUMENT, answer('b', tensor(1, 3), { 'c.d': tensor(2, 4) }));
  expect(names()).toEqual(['b output', 'b.c.d', 'a output']);
  const again = tensor(1, 4);
  keepOutputs(DOCUMENT, answer('a', again));
  expect(names()).toEqual(['a output', 'b output', 'b.c.d']);
  expect(useKeptOutputs.getState().kept[0]?.tensor).toBe(again);
});

test('what fits is offered first, the others say why not', () => {
  keepOutputs(DOCUMENT, answer('a', tensor(5, 4)));
  keepOutputs(DOCUMENT, answer('b', tensor(1, 3)));
  const offered = offerOutputs(useKeptOutputs.getState().kept, INPUT);
  expect(offered.map(({ output: { path }, why }) => [path, why])).toEqual([
    ['a', undefined],
    ['b', 'axis 1 has 3 places, and 4 are wanted'],
  ]);
});

test('large outputs make room by being forgotten, the oldest first', () => {
  const large = () => tensor(12 * 2 ** 20);
  for (const path of ['a', 'b', 'c']) keepOutputs(DOCUMENT, answer(path, large()));
  expect(names()).toEqual(['c output', 'b output']);
});

test('what a document gave is forgotten when it is closed', () => {
  keepOutputs(DOCUMENT, answer('a', tensor(1, 4)));
  useWorkspace.setState({ documents: [] });
  expect(names()).toEqual([]);
});
