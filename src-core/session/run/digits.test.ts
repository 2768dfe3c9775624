import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ortRunner } from '../../../cli/ort.ts';
import { nodeSource } from '../../bytes/node.ts';
import { lowerModule } from '../../graph/lower-module.ts';
import { openModule } from '../../graph/module-node.ts';
import { buildTree } from '../../model/tree.ts';
import { openFiles } from '../open.ts';
import { readFacts } from './facts.ts';
import { ModuleRuns } from './module-runs.ts';

/** The 360 test images, with what PyTorch makes of each. */
const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/digits/test-set.json'), 'utf8'));
const pixels = Uint8Array.from(Buffer.from(golden.images, 'base64'));
const data = Float32Array.from(pixels, (value) => value / 16);
const runs = new ModuleRuns(await ortRunner(1));

const open = async (name: string) => {
  const { documents } = await openFiles([{ id: name, source: await nodeSource(`public/examples/${name}`) }]);
  const document = documents[0]!;
  return { document, tree: buildTree(document.state.entries.columns()) };
};

test.each(['digits-final.safetensors', 'digits-final.pt', 'digits-epoch1.safetensors', 'digits-epoch1.pt'])(
  '%s says of every test image what PyTorch says',
  async (name) => {
    const { document, tree } = await open(name);
    const answer = await runs.run(document, tree, {
      node: 0,
      inputs: { input: { dtype: 'f32', shape: golden.shape, data } },
      taps: ['features.2', 'features.6', 'classifier.2'],
    });
    expect(answer.kind).toBe('CNN');
    expect(Object.values(answer.taps).map(({ shape }) => shape.slice(1))).toEqual([[32, 8, 8], [64, 4, 4], [96]]);
    const scores = answer.outputs[0]!.tensor.data as Float32Array;
    const { predictions, accuracy, scores: wanted } = golden[name.replace(/\..*/, '')];
    const said = Array.from({ length: golden.labels.length }, (_, i) => {
      const row = scores.subarray(10 * i, 10 * i + 10);
      return row.indexOf(Math.max(...row));
    });
    expect(said.join('')).toBe(predictions);
    const right = said.filter((digit, i) => digit === Number(golden.labels[i])).length;
    expect(right / said.length).toBeCloseTo(accuracy, 4);
    for (const [i, want] of wanted.flat().entries()) expect(Math.abs(scores[i]! - want)).toBeLessThan(1e-3);
  },
);

test('what is printed of the model is not guessed', async () => {
  const { document, tree } = await open('digits-final.safetensors');
  const module = openModule(document.state.entries, tree, 0);
  const { assumptions, inputs } = lowerModule(module, { facts: await readFacts(document) });
  expect(inputs[0]?.dims.map(({ size }) => size)).toEqual([1, 1, 8, 8]);
  const sources = new Map(assumptions.map(({ path, name, source }) => [`${path} ${name}`, source]));
  for (const asked of ['features.2 activation', 'features.0 stride', 'features.0 padding', 'features.1 eps'])
    expect([asked, sources.get(asked)]).toEqual([asked, 'file']);
  expect(assumptions.filter(({ source }) => source === 'default').map(({ name }) => name)).not.toContain('pool');
});

test('without it pools and activations are assumed, each where it stands', async () => {
  const { document, tree } = await open('digits-final.pt');
  const { assumptions, inputs } = lowerModule(openModule(document.state.entries, tree, 0));
  expect(inputs[0]?.dims.map(({ size }) => size)).toEqual([1, 1, 8, 8]);
  const said = assumptions.map(({ path, name, value }) => `${path}.${name}=${value}`);
  expect(said).toEqual(
    expect.arrayContaining([
      'features.2.activation=relu',
      'features.5.activation=relu',
      'features.6.pool=max2',
      'classifier.2.activation=relu',
    ]),
  );
});
