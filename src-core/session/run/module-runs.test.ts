import { expect, test } from 'vitest';
import { ortRunner } from '../../../cli/ort.ts';
import { nodeSource } from '../../bytes/node.ts';
import { findNode } from '../../model/find-node.ts';
import { buildTree } from '../../model/tree.ts';
import { openFiles } from '../open.ts';
import { readValues } from '../values.ts';
import { ModuleRuns } from './module-runs.ts';

test('a linear layer gives Wx + b', async () => {
  const source = await nodeSource('public/examples/digits-final.safetensors');
  const { documents } = await openFiles([{ id: 'a', source }]);
  const document = documents[0]!;
  const tree = buildTree(document.state.entries.columns());
  const node = findNode(tree, 'classifier.3')!;
  const data = Float32Array.from({ length: 2 * 96 }, (_, i) => Math.sin(i));
  const runs = new ModuleRuns(await ortRunner());
  const answer = await runs.run(document, tree, { node, inputs: { input: { dtype: 'f32', shape: [2, 96], data } } });
  expect(answer.kind).toBe('Linear');
  const rows = document.state.entries;
  const find = (key: string) =>
    Array.from({ length: rows.length }, (_, i) => rows.at(i)).find((e) => e.key === key)!.id;
  const weight = (await readValues(document, find('classifier.3.weight'))).values as Float64Array;
  const bias = (await readValues(document, find('classifier.3.bias'))).values as Float64Array;
  const want = Array.from({ length: 20 }, (_, i) => {
    const [row, out] = [Math.floor(i / 10), i % 10];
    let sum = bias[out]!;
    for (let k = 0; k < 96; k++) sum += data[row * 96 + k]! * weight[out * 96 + k]!;
    return sum;
  });
  const { tensor } = answer.outputs[0]!;
  expect(tensor.shape).toEqual([2, 10]);
  for (const [i, value] of want.entries()) expect(tensor.data[i]).toBeCloseTo(value, 4);
});

test('the runtime is made ready once, before the first run', async () => {
  const source = await nodeSource('public/examples/digits-final.safetensors');
  const { documents } = await openFiles([{ id: 'a', source }]);
  const document = documents[0]!;
  const tree = buildTree(document.state.entries.columns());
  const runner = await ortRunner();
  const begun: string[] = [];
  const runs = new ModuleRuns({
    ...runner,
    start: async (model, options) => {
      const started = await runner.start(model, options);
      begun.push(options.backend);
      return { ...started, release: async () => void begun.push('released') };
    },
  });
  const forecast = { weights: 0, largestWeight: 0, values: 0 };
  runs.warm(forecast);
  runs.warm(forecast);
  const input = { dtype: 'f32', shape: [1, 96], data: new Float32Array(96) } as const;
  await runs.run(document, tree, { node: findNode(tree, 'classifier.3')!, inputs: { input } });
  expect(begun).toEqual(['wasm', 'released', 'wasm']);
});
