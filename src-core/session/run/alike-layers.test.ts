import { expect, test } from 'vitest';
import { ortRunner } from '../../../cli/ort.ts';
import { Assumptions } from '../../graph/assumptions.ts';
import { type Choose, GraphBuilder } from '../../graph/build.ts';
import { lowerModule } from '../../graph/lower-module.ts';
import { type ModuleNode, openModule, tensorsBelow } from '../../graph/module-node.ts';
import { chooseLowering } from '../../graph/registry.ts';
import { toOnnx } from '../../graph/to-onnx.ts';
import { findNode } from '../../model/find-node.ts';
import { openCase, runCase } from './module-case.fixture.ts';
import { llamaShapes, openShapes } from './open-shapes.fixture.ts';
import { WeightStore } from './weight-store.ts';

const runner = await ortRunner(1);

/** Lowers a model and counts the modules that were looked at for it. */
function lowerAndCount(module: ModuleNode): { readonly lowered: number; readonly nodes: number } {
  let lowered = 0;
  const choose: Choose = (node, assume) => {
    lowered++;
    return chooseLowering(node, assume);
  };
  const assume = new Assumptions();
  const g = new GraphBuilder(choose, assume);
  const offer = { inputsOf: () => [], build: () => new GraphBuilder(choose, assume) };
  const [spec] = chooseLowering(module, assume).inputs(module, assume, offer);
  g.output('logits', g.lower(module, { tokens: g.input(spec!) }).logits!);
  return { lowered, nodes: g.finish().nodes.length };
}

test('layers that are alike are lowered once, and computed each', async () => {
  const two = lowerAndCount(await openShapes(llamaShapes(2)));
  const many = lowerAndCount(await openShapes(llamaShapes(32)));
  expect(many.lowered).toBe(two.lowered);
  const layer = (many.nodes - two.nodes) / 30;
  expect(layer).toBeGreaterThan(30);
  expect(Number.isInteger(layer)).toBe(true);
});

test('a layer that a correction makes another is computed as another, and says so', async () => {
  const module = await openShapes(llamaShapes(3));
  const corrections = [{ path: 'model.layers.1.self_attn', name: 'heads', value: 4 }] as const;
  const { assumptions, graph } = lowerModule(module, { corrections });
  const heads = assumptions.filter(({ name }) => name === 'heads').map(({ path, value }) => `${path} ${value}`);
  expect(heads.sort()).toEqual(['0 2', '1 4', '2 2'].map((at) => `model.layers.${at.replace(' ', '.self_attn ')}`));
  const weights = [0, 1, 2].map((i) => graph.taps.find(({ path }) => path === `model.layers.${i}.self_attn.weights`)!);
  expect(weights.map(({ value }) => graph.values.get(value)!.shape[1])).toEqual([2, 4, 2]);
});

test("layer 0's graph runs layer 1, with weights bound by their paths", async () => {
  const opened = await openCase('gpt2');
  const { document, tree } = opened;
  const [first, second] = ['transformer.h.0', 'transformer.h.1'].map((path) =>
    openModule(document.state.entries, tree, findNode(tree, path)!),
  ) as [ModuleNode, ModuleNode];
  const facts = { config: opened.golden.config! };
  const shapes = { input: opened.taps['transformer.h.0']!.shape };
  const graph = lowerModule(first, { facts, shapes }).graph;
  expect(toOnnx(graph, { weights: 'inputs' })).toEqual(
    toOnnx(lowerModule(second, { facts, shapes }).graph, { weights: 'inputs' }),
  );
  // What the library gave of layer 0 goes in; what the whole model gives of layer 1 comes out.
  const path = 'transformer.h.1';
  const whole = await runCase(opened, runner, { taps: [path] });
  const started = await runner.start({ bytes: toOnnx(graph, { weights: 'inputs' }) }, { backend: 'wasm' });
  const store = new WeightStore(runner);
  const weights = await store.hold(document, store.bind(document, graph, tensorsBelow(second), 'wasm'), 'wasm');
  const { output } = await started.run({ input: opened.taps['transformer.h.0']!, ...weights }, ['output']);
  const want = whole.taps[path]!.data as Float32Array;
  for (const [i, value] of (output!.data as Float32Array).entries()) expect(value).toBeCloseTo(want[i]!, 4);
  await started.release();
});

test('a weight that is missing below a prefix, and a prefix called twice, are errors that say which', async () => {
  const { 'model.layers.1.mlp.up_proj.weight': _, ...shapes } = llamaShapes(3);
  const module = await openShapes({ ...shapes, 'model.layers.2.mlp.up_proj.weight': [10, 8] });
  const layer = (i: number): ModuleNode => module.children.get('model')!.children.get('layers')!.children.get(`${i}`)!;
  const g = new GraphBuilder(chooseLowering, new Assumptions());
  const input = g.input({ name: 'input', dtype: 'f32', meaning: 'sequence', dims: [] }, [1, 4, 8]);
  const subgraph = g.subgraph(layer(0), { input });
  g.call(subgraph, layer(0), { input });
  expect(() => g.call(subgraph, layer(1), { input })).toThrow(
    'model.layers.1 cannot be run: it has no model.layers.1.mlp.up_proj.weight, as model.layers.0 has',
  );
  expect(() => g.call(subgraph, layer(2), { input })).toThrow(
    'its model.layers.2.mlp.up_proj.weight is 10×8, not 12×8',
  );
  expect(() => g.call(subgraph, layer(0), { input })).toThrow(
    'model.layers.0 cannot be run: two values in it would be',
  );
});
