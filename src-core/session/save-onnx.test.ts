import { describe, expect, test } from 'vitest';
import type { Edit } from '../model/edit.ts';
import { FIXTURES, listAll, openFixture, reopen, saveAll } from './editing.fixture.ts';
import { applyEdit, type EditedDocument } from './edits.ts';
import { checkSaved, planSave } from './save.ts';
import { readValues } from './values.ts';

const openNamed = (name: string): Promise<EditedDocument> => {
  const { fixture } = FIXTURES.find(({ path }) => path === `onnx/${name}`)!;
  return openFixture(fixture);
};

async function saveWith(name: string, ...edits: readonly Edit[]) {
  let edited = await openNamed(name);
  for (const edit of edits) edited = applyEdit(edited, edit);
  const files = await saveAll(edited);
  const saved = await reopen(files);
  checkSaved(edited, saved);
  return { edited, saved, files };
}

async function valuesOf(document: EditedDocument): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const { id, key, value } of listAll(document.state))
    found[key] = value.type === 'tensor' ? (await readValues(document, id)).values : value;
  return found;
}

/** Tensors in every place that the format has one, and every way to keep their numbers. */
const PLACES: readonly (readonly [string, string])[] = [
  ['structure.onnx', 'dense.bias'],
  ['structure.onnx', 'shape'],
  ['structure.onnx', 'rare.values'],
  ['structure.onnx', 'ones.ConstantOfShape.value'],
  ['structure.onnx', 'choose.If.else_branch.loop.body.step'],
  ['structure.onnx', 'choose.If.then_branch.two'],
  ['structure.onnx', 'functions.Scaled.factor'],
  ['order.onnx', 'w'],
  ['order.onnx', 'h'],
  ['order.onnx', 's'],
  ['dtypes.onnx', 'bfloat16.typed'],
  ['dtypes.onnx', 'uint64.typed'],
  ['dtypes.onnx', 'double.typed'],
  ['dtypes.onnx', 'int64.typed'],
  ['dtypes.onnx', 'scalar'],
  ['torch-traced.onnx', 'layers.0.out_proj.bias'],
  ['external/model.onnx', 'first.weight'],
];

test.each(PLACES)('%s: %s holds its new numbers, and all others theirs', async (name, key) => {
  const { edited, saved } = await saveWith(name, { op: 'affine', args: { keys: [key], scale: 1, shift: 3 } } as never);
  expect(await valuesOf(saved)).toEqual(await valuesOf(edited));
  expect(saved.state.metadata).toEqual(edited.state.metadata);
});

test('new values of the same size change no other byte', async () => {
  for (const [name, file] of [
    ['torch-traced.onnx', 'torch-traced.onnx'],
    ['external/model.onnx', 'weights.data'],
  ] as const) {
    const before = await saveAll(await openNamed(name));
    const key = name.startsWith('external') ? 'second.bias' : 'head.bias';
    const { files } = await saveWith(name, { op: 'set-elements', args: { key, slice: '0', values: 0.125 } });
    for (const [id, bytes] of files) {
      const was = before.get(id)!;
      expect(bytes.length).toBe(was.length);
      const changed = bytes.reduce((count, byte, i) => count + (byte === was[i] ? 0 : 1), 0);
      if (id === file) expect(changed).toBeLessThanOrEqual(4);
      else expect(changed).toBe(0);
    }
  }
});

describe('renames', () => {
  test('go with all that call it by its name', async () => {
    const key = listAll((await openNamed('torch-traced.onnx')).state).find(({ key: one }) =>
      /layers\.1\.out_proj\.onnx::/.test(one),
    )!.key;
    const to = 'layers.1.out_proj.weight';
    const { saved, edited } = await saveWith('torch-traced.onnx', { op: 'rename', args: { key, to } });
    const entry = listAll(saved.state).find((one) => one.key === to)!;
    expect(entry.meta).toContainEqual({
      section: 'onnx',
      key: 'used by',
      value: { kind: 'array', items: [{ kind: 'string', value: 'MatMul /layers.1/out_proj/MatMul, input 1' }] },
    });
    expect(await valuesOf(saved)).toEqual(await valuesOf(edited));
  });

  test('reach into graphs inside', async () => {
    const { saved } = await saveWith('structure.onnx', { op: 'rename', args: { key: 'dense.bias', to: 'last.bias' } });
    expect(listAll(saved.state).map(({ key }) => key)).toContain('last.bias');
    const inner = 'choose.If.then_branch.then.bias';
    const renamed = await saveWith('structure.onnx', {
      op: 'rename',
      args: { key: inner, to: inner.replace('then.bias', 'b') },
    });
    const entry = listAll(renamed.saved.state).find(({ key }) => key === 'choose.If.then_branch.b')!;
    expect(JSON.stringify(entry.meta)).toContain('Add add, input 1');
  });

  test.each([
    ['structure.onnx', 'choose.If.then_branch.two', 'choose.If.then_branch.three', /what a node gives/],
    ['structure.onnx', 'rare.values', 'other.values', /part of a sparse tensor/],
    ['structure.onnx', 'dense.bias', 'half', /another value of the graph is called half/],
    ['structure.onnx', 'choose.If.else_branch.count', 'count', /stays there/],
    ['order.onnx', 'w', 'y', /another value of the graph is called y/],
  ])('%s: of %s to %s is refused', async (name, key, to, why) => {
    await expect(saveWith(name, { op: 'rename', args: { key, to } })).rejects.toThrow(why);
  });
});

test('only what nothing uses can be deleted', async () => {
  const { saved } = await saveWith('structure.onnx', { op: 'delete', args: { keys: ['unused'] } });
  expect(listAll(saved.state).map(({ key }) => key)).not.toContain('unused');
  await expect(saveWith('structure.onnx', { op: 'delete', args: { keys: ['dense.bias'] } })).rejects.toThrow(
    /Add \/last\/Add takes it/,
  );
});

test('a tensor that is added stands at the end of the graph', async () => {
  const { edited, saved } = await saveWith('torch-exported.onnx', {
    op: 'duplicate',
    args: { key: 'head.bias', to: 'copy' },
  });
  expect(await valuesOf(saved)).toEqual(await valuesOf(edited));
});

test('another type and shape are written, unless the graph says them elsewhere too', async () => {
  const { edited, saved } = await saveWith(
    'structure.onnx',
    { op: 'cast', args: { keys: ['unused'], dtype: 'f16' } },
    { op: 'reshape', args: { key: 'unused', shape: [1, 2, 1] } },
  );
  expect(await valuesOf(saved)).toEqual(await valuesOf(edited));
  await expect(
    saveWith('structure.onnx', { op: 'reshape', args: { key: 'dense.bias', shape: [2, 2] } }),
  ).rejects.toThrow(/declares its type and shape in another place/);
});

test('metadata are set, changed and taken out; unknown fields stay', async () => {
  const set = (key: string, text?: string): Edit => ({
    op: 'set-metadata',
    args: { section: 'metadata_props', key, ...(text !== undefined && { text }) },
  });
  const { saved, files } = await saveWith('order.onnx', set('a', 'ünï'), set('new', 'x'.repeat(300)));
  const found = saved.state.metadata.filter(({ section }) => section === 'metadata_props');
  expect(found.map(({ key, value }) => [key, value.kind === 'string' && value.value])).toEqual([
    ['a', 'ünï'],
    ['new', 'x'.repeat(300)],
  ]);
  expect(Buffer.from(files.get('order.onnx')!).includes('kept')).toBe(true);
});

test('ties are told to be lost', async () => {
  const open = await openNamed('torch-exported.onnx');
  const keys = listAll(open.state).flatMap(({ key, value }) =>
    value.type === 'tensor' && value.dtype === 'f32' && value.shape.join() === '6' ? [key] : [],
  );
  const tied = applyEdit(open, { op: 'tie', args: { keys: keys.slice(0, 2) } });
  expect((await planSave(tied)).losses.map(({ code }) => code)).toEqual(['tie-lost']);
});
