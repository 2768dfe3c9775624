import { expect, test } from 'vitest';
import { nodeSource } from '../../bytes/node.ts';
import { findNode } from '../../model/find-node.ts';
import { buildTree } from '../../model/tree.ts';
import type { Document } from '../document.ts';
import { applyEdit, type EditedDocument, moveCursor, startEditing } from '../edits.ts';
import { openFiles } from '../open.ts';
import type { Beside } from './late-binding.ts';
import { ModuleRuns } from './module-runs.ts';
import { recordRunner } from './recording-runner.fixture.ts';
import { makeSample } from './samples.ts';

const PATH = 'classifier';
const input = makeSample(
  { kind: 'normal', seed: 3 },
  { name: 'input', dtype: 'f32', meaning: 'features', dims: [] },
  [1, 1024],
);

async function open(name = 'digits-final'): Promise<EditedDocument> {
  const source = await nodeSource(`public/examples/${name}.safetensors`);
  return startEditing((await openFiles([{ id: 'a', source }])).documents[0]!);
}

const setBias = (document: EditedDocument, at: number, values: number, key = 'classifier.3.bias') =>
  applyEdit(document, { op: 'set-elements', args: { key, slice: `${at}`, values } });

async function begin() {
  const recorded = await recordRunner();
  const runs = new ModuleRuns(recorded.runner);
  const run = async (document: Document, beside?: Beside): Promise<number[]> => {
    const tree = buildTree(document.state.entries.columns());
    const request = { node: findNode(tree, PATH)!, inputs: { input }, ...(beside && { beside }) };
    const { outputs } = await runs.run(document, tree, request);
    return Array.from(outputs[0]!.tensor.data as Float32Array);
  };
  /** Weights fed with the last run. */
  const fed = () => recorded.fed.at(-1)!.filter((name) => name !== 'input');
  return { ...recorded, runs, run, fed };
}

/** What it gives when all weights are fed. */
async function runOnce(document: Document): Promise<number[]> {
  return (await begin()).run(document);
}

function expectClose(got: readonly number[], want: readonly number[]): void {
  for (const [i, value] of want.entries()) expect(got[i]).toBeCloseTo(value, 4);
}

test('weights that stay become constants; one that is edited is fed, with the values it has', async () => {
  const { run, fed, started } = await begin();
  const document = await open();
  const first = await run(document);
  expect(fed()).toHaveLength(4);
  expect(await run(document)).toEqual(first);
  expect(fed()).toHaveLength(4);
  expectClose(await run(document), first);
  expect(fed()).toEqual([]);
  expect(started.map(({ constants }) => constants)).toEqual([0, 4]);

  let edited = setBias(document, 3, 42);
  const after = await run(edited);
  expect(fed()).toHaveLength(4);
  expect(after.filter((value, i) => value !== first[i])).toEqual([after[3]]);
  expectClose(after, await runOnce(edited));
  await run(edited);
  for (const value of [43, 44]) {
    edited = setBias(edited, 3, value);
    expectClose(await run(edited), await runOnce(edited));
    expect(fed()).toHaveLength(1);
  }
  expectClose(await run(moveCursor(edited, 0)), first);
  expect(fed()).toHaveLength(1);
  expectClose(await run(moveCursor(edited, 1)), after);
  expect(started.map(({ constants }) => constants)).toEqual([0, 4, 3]);
});

test('what is held against each other differs by the edit alone, however often it is run', async () => {
  const { run, started } = await begin();
  let document = await open();
  await run(document);
  await run(document);
  for (const [at, value] of [
    [3, 1],
    [3, 2],
    [4, 3],
    [4, 4],
    [4, 5],
  ] as const) {
    document = setBias(document, at, value);
    const after = await run(document, 'before');
    const before = await run({ ...document, state: document.base }, 'before');
    const places = before.flatMap((number, i) => (number === after[i] ? [] : [i]));
    expect(places).toEqual(at === 3 ? [3] : [3, 4]);
  }
  expect(started.map(({ constants }) => constants)).toEqual([0, 4, 3]);
  // The same weights of another file are the same to the last bit, though one has been run alone before.
  const [a, b] = [await open(), await open()];
  await run(a);
  await run(a);
  await run(a);
  expect(await run(a, 'other')).toEqual(await run(b, 'other'));
});

test('weights of other layers and documents in turn stay inputs', async () => {
  const { run, started, read } = await begin();
  const [a, b] = [await open(), await open('digits-epoch1')];
  for (let i = 0; i < 3; i++) {
    expect(await run(a)).not.toEqual(await run(b));
  }
  expect(started).toHaveLength(1);
  expect(read).toHaveLength(8);
});

test('an edit of many values is made where the weight is held, and no more than one edited copy is kept', async () => {
  const { run, read, held } = await begin();
  const document = await open();
  const key = 'classifier.1.weight';
  await run(document);
  expect(held.size).toBe(4);
  let edited = document;
  for (const [slice, values] of [
    ['0', 0.5],
    ['0', 0.25],
    [':, 7', -1],
  ] as const) {
    edited = applyEdit(edited, { op: 'set-elements', args: { key, slice, values } });
    expect(await run(edited)).toEqual(await runOnce(edited));
    expect(held.size).toBe(5);
  }
  // Fewer places than before: they are what they were again.
  const undone = moveCursor(edited, 1);
  expect(await run(undone)).toEqual(await runOnce(undone));
  expect(await run(document)).toEqual(await runOnce(document));
  expect(read).toHaveLength(4);
  expect(held.size).toBe(5);
});

test('when a document is closed nothing of it is held, and what is run next is begun anew', async () => {
  const { runs, run, held, started, fed } = await begin();
  const document = await open();
  const first = await run(document);
  await run(document);
  await run(document);
  expect(fed()).toEqual([]);
  await runs.empty();
  expect(held.size).toBe(0);
  expect(started).toEqual([
    { constants: 0, isReleased: false },
    { constants: 4, isReleased: true },
  ]);
  expect(await run(document)).toEqual(first);
  expect(fed()).toHaveLength(4);
});
