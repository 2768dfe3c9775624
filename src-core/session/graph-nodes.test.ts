import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openNodes } from './graph-nodes.fixture.ts';
import { readNodeAttributes } from './graph-nodes.ts';

const golden = (name: string) => JSON.parse(readFileSync(`src-core/fixtures/onnx/${name}.json`, 'utf8'));

test.each(['torch-traced.onnx', 'torch-exported.onnx', 'structure.onnx', 'order.onnx'])(
  '%s: nodes are those that onnx lists, with their attributes',
  async (name) => {
    const { document, nodes } = await openNodes(name);
    const own = [...nodes.entries()].filter(([, { within }]) => within === '');
    const found = await Promise.all(
      own.map(async ([index, { op, name: called, inputs, outputs }]) => ({
        op,
        name: called,
        inputs: inputs.map((input) => input.name),
        outputs,
        attributes: (await readNodeAttributes(document, index)).map((attribute) => attribute.name).sort(),
      })),
    );
    expect(found).toEqual(golden(name).nodes);
  },
);

test('a tensor that a node takes is the entry of that name, in the graph it is in or one around it', async () => {
  const { document, nodes } = await openNodes('structure.onnx');
  const keyOf = (name: string, input: number) => {
    const entry = nodes.find((node) => node.name === name)!.inputs[input]!.entry;
    return entry === undefined ? undefined : document.state.entries.at(entry).key;
  };
  expect(keyOf('/last/Add', 1)).toBe('dense.bias');
  expect(keyOf('/last/Add', 0)).toBeUndefined();
  expect(keyOf('mul', 1)).toBe('choose.If.then_branch.two');
  expect(nodes.filter(({ within }) => within === 'choose.If.else_branch.loop.body').map(({ name }) => name)).toEqual([
    'again',
    'add',
  ]);
  expect(keyOf('times', 1)).toBe('functions.Scaled.factor');
});

test('attributes are written as a person reads them', async () => {
  const { document, nodes } = await openNodes('torch-traced.onnx');
  const index = nodes.findIndex(({ name }) => name === '/layers.0/norm/LayerNormalization');
  const found = await readNodeAttributes(document, index);
  expect(found).toEqual([
    { name: 'axis', text: '-1' },
    { name: 'epsilon', text: '0.00001' },
  ]);
});
