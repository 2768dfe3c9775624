import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ortRunner } from '../../../cli/ort.ts';
import { bufferSource } from '../../bytes/buffer.ts';
import { nodeSource } from '../../bytes/node.ts';
import { bytes, int, join, model, text } from '../../formats/onnx/make-model.fixture.ts';
import type { Edit } from '../../model/edit.ts';
import { buildTree } from '../../model/tree.ts';
import { countElements } from '../../tensor/dtype.ts';
import { applyEdit, type EditedDocument, startEditing } from '../edits.ts';
import { openFiles } from '../open.ts';
import type { RunTensor } from '../ports.ts';
import { describeRun } from './describe-run.ts';
import { ModuleRuns } from './module-runs.ts';
import { offeredShape } from './samples.ts';

/** ONNX files run as they are; what they give is what onnx's reference evaluator gives. */
const FOLDER = 'src-core/fixtures/onnx';
const [RELATIVE, ABSOLUTE] = [1e-4, 1e-5];

interface Packed {
  readonly shape: readonly number[];
  readonly values: readonly (number | string)[];
}
interface Golden {
  readonly run?: {
    readonly inputs: Readonly<Record<string, Packed>>;
    readonly outputs: Readonly<Record<string, Packed>>;
  };
  readonly outputs: Readonly<Record<string, string>>;
  readonly torch?: { readonly logits: readonly number[] };
}

const golden = (name: string): Golden => JSON.parse(readFileSync(`${FOLDER}/${name}.json`, 'utf8'));

async function open(...names: readonly string[]): Promise<EditedDocument> {
  const files = await Promise.all(names.map(async (id) => ({ id, source: await nodeSource(`${FOLDER}/${id}`) })));
  const { documents, failures } = await openFiles(files);
  expect(failures).toEqual([]);
  return startEditing(documents[0]!);
}

const treeOf = ({ state }: EditedDocument) => buildTree(state.entries.columns());
const runner = await ortRunner(1);

async function describeIt(document: EditedDocument) {
  const found = await describeRun(document, treeOf(document), { node: 0 });
  if ('error' in found) throw new Error(JSON.stringify(found.error));
  return found;
}

async function run(document: EditedDocument, inputs: Readonly<Record<string, Packed>>, taps: readonly string[] = []) {
  const { inputs: specs } = await describeIt(document);
  const samples = Object.fromEntries(
    specs.map(({ name, dtype }): [string, RunTensor] => {
      const { shape, values } = inputs[name]!;
      if (dtype === 'f32') return [name, { dtype, shape, data: Float32Array.from(values, Number) }];
      if (dtype === 'i64') return [name, { dtype, shape, data: BigInt64Array.from(values, (value) => BigInt(value)) }];
      return [name, { dtype, shape, data: Uint8Array.from(values, Number) }];
    }),
  );
  const answer = await new ModuleRuns(runner).run(document, treeOf(document), { node: 0, inputs: samples, taps });
  return { ...answer.taps, ...Object.fromEntries(answer.outputs.map(({ label, tensor }) => [label, tensor])) };
}

function expectClose(what: string, got: RunTensor | undefined, { shape, values }: Packed): void {
  expect(got?.shape, what).toEqual(shape);
  for (const [i, value] of values.entries()) {
    const [a, b] = [Number(got!.data[i]), Number(value)];
    if (Math.abs(a - b) > ABSOLUTE + RELATIVE * Math.abs(b)) expect(a, `${what}[${i}]`).toBe(b);
  }
}

const files: readonly (readonly string[])[] = [
  ...readdirSync(FOLDER)
    .filter((name) => name.endsWith('.onnx') && golden(name).run)
    .map((name) => [name]),
  ['external/model.onnx', 'external/weights.data'],
];

describe.each(files)('%s', (...names) => {
  test('gives what the reference evaluator gives, inside too', async () => {
    const { run: wanted, outputs, torch } = golden(names[0]!);
    const taps = Object.keys(wanted!.outputs).filter((name) => !(name in outputs));
    const found = await run(await open(...names), wanted!.inputs, taps);
    for (const [name, value] of Object.entries(wanted!.outputs).reverse()) expectClose(name, found[name], value);
    if (torch) expectClose('logits of torch', found.logits, { shape: found.logits!.shape, values: torch.logits });
  });
});

test('edits are run: what is renamed, set, and in a file beside', async () => {
  const { run: wanted } = golden('external/model.onnx');
  const document = await open('external/model.onnx', 'external/weights.data');
  const before = await run(document, wanted!.inputs);
  const edits: readonly Edit[] = [
    { op: 'rename', args: { key: 'second.weight', to: 'w' } },
    { op: 'affine', args: { keys: ['second.bias'], scale: 1, shift: 10 } },
  ];
  const edited = edits.reduce(applyEdit, document);
  const after = await run(edited, wanted!.inputs);
  expectClose('y', after.y, { shape: [1, 2], values: [...before.y!.data].map((value) => Number(value) + 10) });
  const unedited = await run({ ...edited, state: edited.base }, wanted!.inputs);
  expect(unedited.y).toEqual(before.y);
});

test('what goes in is offered as the graph declares it', async () => {
  const { inputs, outputs, taps, forecast } = await describeIt(await open('torch-traced.onnx'));
  expect(inputs).toEqual([
    {
      name: 'tokens',
      dtype: 'i64',
      meaning: 'tokens',
      dims: [
        { size: 1, free: 'batch' },
        { size: 8, free: 'length' },
      ],
      below: 11,
    },
  ]);
  expect(offeredShape(inputs[0]!)).toEqual([1, 8]);
  expect(outputs.map(({ label, shape }) => [label, shape])).toEqual([['logits', ['batch', 'length', 11]]]);
  expect(taps).toContain('/layers.0/Softmax_output_0');
  expect(taps).not.toContain('logits');
  expect(forecast.weights).toBeGreaterThan(1000);
});

describe('what cannot be run says why', () => {
  const zeros = (shape: readonly number[]): Packed => ({ shape, values: new Array(countElements(shape)).fill(0) });

  test('a module inside a graph', async () => {
    const document = await open('torch-traced.onnx');
    const found = await describeRun(document, treeOf(document), { node: 1 });
    expect(found).toMatchObject({ error: { kind: 'not-runnable' }, choices: [{ node: 0, kind: 'ONNX graph' }] });
  });

  test('weights that are not here', async () => {
    const document = await open('external/model.onnx');
    await expect(run(document, { x: zeros([1, 3]) })).rejects.toThrow(
      /weights\.data, which holds its weights, is not open/,
    );
  });

  test('a file that is newer than the runtime', async () => {
    const file = Uint8Array.from(readFileSync(`${FOLDER}/external/model.onnx`));
    const { documents } = await openFiles([
      { id: 'new.onnx', source: bufferSource(file.with(1, 90), 'new.onnx') },
      { id: 'weights.data', source: await nodeSource(`${FOLDER}/external/weights.data`) },
    ]);
    const document = startEditing(documents[0]!);
    await expect(run(document, { x: zeros([1, 3]) })).rejects.toThrow(
      /IR version 90, and the runtime here takes up to/,
    );
  });

  test('an operator that the runtime does not know', async () => {
    const node = join(text(1, 'x'), text(2, 'y'), text(3, 'odd'), text(4, 'NoSuchThing'));
    const one = join(int(1, 1), bytes(2, bytes(1, int(1, 3))));
    const value = (name: string) => join(text(1, name), bytes(2, bytes(1, one)));
    const file = model(bytes(1, node), text(2, 'g'), bytes(11, value('x')), bytes(12, value('y')));
    const { documents } = await openFiles([{ id: 'odd.onnx', source: bufferSource(file, 'odd.onnx') }]);
    const document = startEditing(documents[0]!);
    await expect(run(document, { x: zeros([3]) })).rejects.toThrow(/does not know the operator NoSuchThing/);
  });

  test.each([
    ['torch-exported.onnx', /values on the way are too large: give it a smaller sample/],
    ['torch-traced.onnx', /ran out of memory. Give it a smaller sample/],
  ])('a sample with which its values would not fit: %s', async (name, says) => {
    const document = await open(name);
    const inputs = { tokens: { dtype: 'i64', shape: [1, 200_000], data: new BigInt64Array(200_000) } } as const;
    const runs = new ModuleRuns(runner);
    await expect(runs.run(document, treeOf(document), { node: 0, inputs })).rejects.toThrow(says);
  });

  test('a sample of another shape', async () => {
    const document = await open('external/model.onnx', 'external/weights.data');
    await expect(run(document, { x: zeros([1, 4]) })).rejects.toThrow(/dimensions/);
  });
});
