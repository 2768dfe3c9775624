import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import { nodeSource } from '../bytes/node.ts';
import { loadsWhole } from '../load/describe-report.ts';
import { POLICY_IDS } from '../load/report.ts';
import { applyEdit, type EditedDocument, startEditing } from './edits.ts';
import { openFiles } from './open.ts';
import { type LoadSide, listLoadPolicies, planLoad, proposeLoadEdits, readLoadText } from './plan-load.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures');

async function open(path: string): Promise<EditedDocument> {
  const { documents } = await openFiles([{ id: path, source: await nodeSource(join(FIXTURES, path)) }]);
  if (!documents[0]) throw new Error(path);
  return startEditing(documents[0]);
}

const weights = (shapes: Readonly<Record<string, string>>): LoadSide => {
  const items = Object.entries(shapes).map(([key, shape]) => `'${key}': torch.Size(${shape})`);
  return readLoadText(`{${items.join(', ')}}`);
};

describe('a document into itself', () => {
  test.each(['pytorch/tiny.pt', 'safetensors/tiny.safetensors', 'text/agent-before.json', 'text/dspy-nested.json'])(
    '%s loads whole',
    async (path) => {
      const { state } = await open(path);
      const policy = path.includes('dspy') ? 'dspy' : path.startsWith('text') ? 'msgflux-fixed' : 'torch-strict';
      expect(loadsWhole(await planLoad({ state }, { state }, policy))).toBe(true);
    },
  );
});

test('versions of modules come from the file, so an old batch norm is told from a new one', async () => {
  const { state } = await open('pytorch/module-state.pt');
  expect(loadsWhole(await planLoad({ state }, { state }, 'torch-strict'))).toBe(true);
  const norms = [...state.nodes].filter(([, { version }]) => version === '2').map(([path]) => path);
  expect(norms.length).toBeGreaterThan(0);
  const key = `${norms[0]}.num_batches_tracked`;
  const edited = applyEdit(startEditing({ ...(await open('pytorch/module-state.pt')) }), {
    op: 'delete',
    args: { keys: [key] },
  });
  expect((await planLoad({ state }, edited, 'torch-strict')).missing).toEqual([key]);
});

test('a safetensors file is checked for alignment where its tensors lie', async () => {
  const { state } = await open('safetensors/tiny.safetensors');
  const odd = await open('safetensors/dtypes.safetensors');
  const strict = await planLoad(odd, odd, 'max-strict');
  const loose = await planLoad(odd, odd, 'max-strict', { weightAlignment: 1 });
  expect(loose.mismatched.filter(({ what }) => what === 'alignment')).toEqual([]);
  for (const { actual, expected } of strict.mismatched.filter(({ what }) => what === 'alignment'))
    expect(Number(actual.replace('byte ', '')) % Number(expected.replace('a multiple of ', ''))).not.toBe(0);
  expect((await planLoad({ state }, { state }, 'max-strict')).unexpected).toEqual([]);
});

test('a file that holds a list is no dict to torch', async () => {
  const list = await open('pytorch/list.pt');
  const { error } = await planLoad(list, list, 'torch-strict');
  expect(error).toEqual({ type: 'TypeError', message: "Expected state_dict to be dict-like, got <class 'list'>." });
});

test('every policy takes documents, declarations and printouts', async () => {
  const document = await open('pytorch/tiny.pt');
  const declaration = readLoadText(
    '{"$module": "Net", "members": {"w": {"$weight": null, "dtype": "float32", "shape": [2]}}}',
  );
  const printout = readLoadText("{'w': torch.Size([2])}");
  for (const { id } of listLoadPolicies())
    for (const target of [document, declaration, printout]) {
      const report = await planLoad(target, document, id);
      expect(report.policy).toBe(id);
    }
  expect(listLoadPolicies().map(({ id }) => id)).toEqual(POLICY_IDS);
});

test('a JSON schema is no declaration', () => {
  expect(readLoadText('{"schema": {"$ref": "#/$defs/Answer", "$defs": {}}}')).toHaveProperty('printout');
  expect(readLoadText(' {"a": {"$tensor": {"dtype": "float32", "shape": []}}}')).toHaveProperty('declaration');
});

describe('make it load', () => {
  const cases: readonly (readonly [
    string,
    string,
    Readonly<Record<string, string>>,
    Readonly<Record<string, string>>,
    readonly string[],
  ])[] = [
    [
      'a DDP prefix',
      'torch-strict',
      { 'a.w': '[2]', 'a.b': '[3]' },
      { 'module.a.w': '[2]', 'module.a.b': '[3]' },
      ['rename-rules'],
    ],
    [
      'two wrappers',
      'torch-strict',
      { 'a.w': '[2]', 'b.w': '[3]' },
      { 'module._orig_mod.a.w': '[2]', 'module._orig_mod.b.w': '[3]' },
      ['rename-rules'],
    ],
    [
      'a prefix of its own',
      'max-strict',
      { 'a.w': '[2]', 'b.w': '[3]' },
      { 'language_model.a.w': '[2]', 'language_model.b.w': '[3]' },
      ['rename-rules'],
    ],
    [
      'a prefix that is missing',
      'max-strict',
      { 'net.a': '[2]', 'net.b': '[3]' },
      { a: '[2]', b: '[3]' },
      ['rename-rules'],
    ],
    ['the suffix of nnx', 'nnx-merge', { 'a.kernel': '[2]' }, { 'a.kernel.value': '[2]' }, ['rename-rules']],
    [
      'a typing error',
      'torch-strict',
      { 'a.weight': '[2]', 'a.bias': '[2]' },
      { 'a.weigth': '[2]', 'a.bias': '[2]' },
      ['rename'],
    ],
    ['one element for none', 'torch-strict', { scale: '[1]' }, { scale: '[]' }, ['reshape']],
    ['dimensions of one', 'torch-strict', { w: '[2, 1, 3]' }, { w: '[1, 2, 3]' }, ['reshape']],
    ['nothing at all', 'torch-strict', { w: '[2]' }, { w: '[2]' }, []],
  ];

  test.each(cases)('%s, by %s', async (_, policy, wanted, given, ops) => {
    const target = weights(wanted);
    let source = await makeDocument(given);
    const edits = await proposeLoadEdits(target, source, policy);
    expect(edits.map(({ op }) => op)).toEqual(ops);
    for (const edit of edits) source = applyEdit(source, edit);
    const report = await planLoad(target, source, policy, { weightAlignment: 1 });
    expect(report).toMatchObject({ error: null, missing: [], unexpected: [] });
  });

  test('another type is cast where it matters, and left where torch casts', async () => {
    const target = readLoadText(
      '{"w": {"$tensor": {"dtype": "float16", "shape": [2]}}, "v": {"$tensor": {"dtype": "float16", "shape": [3]}}}',
    );
    let source = await makeDocument({ w: '[2]', v: '[3]' });
    expect(await proposeLoadEdits(target, source, 'torch-strict')).toEqual([]);
    const edits = await proposeLoadEdits(target, source, 'max-strict');
    expect(edits).toEqual([{ op: 'cast', args: { keys: ['w', 'v'], dtype: 'f16' } }]);
    for (const edit of edits) source = applyEdit(source, edit);
    expect(loadsWhole(await planLoad(target, source, 'max-strict'))).toBe(true);
  });

  test('nothing is guessed: two keys that could be meant, another size, a name that is taken', async () => {
    const two = await makeDocument({ 'a.weighd': '[2]', 'a.weighs': '[2]' });
    const edits = await proposeLoadEdits(weights({ 'a.weight': '[2]', 'a.weighx': '[2]' }), two, 'torch-strict');
    expect(edits).toEqual([]);
    const other = await makeDocument({ 'a.weigth': '[5]' });
    expect(await proposeLoadEdits(weights({ 'a.weight': '[2]' }), other, 'torch-strict')).toEqual([]);
    const kept = await makeDocument({ 'module.a': '[2]', 'module.b': '[2]', a: '[2]' });
    expect(await proposeLoadEdits(weights({ a: '[2]', b: '[2]' }), kept, 'torch-strict')).not.toContainEqual(
      expect.objectContaining({ op: 'rename-rules' }),
    );
  });

  test('rules that were given come first', async () => {
    const source = await makeDocument({ 'blk.0.w': '[2]' });
    const map = [{ pattern: '^blk\\.', to: 'h.' }];
    const edits = await proposeLoadEdits(weights({ 'h.0.w': '[2]' }), source, 'torch-strict', { map });
    expect(edits).toEqual([{ op: 'rename-rules', args: { rules: map } }]);
  });
});

/** A safetensors file of zeros. */
async function makeDocument(shapes: Readonly<Record<string, string>>): Promise<EditedDocument> {
  const header: Record<string, unknown> = {};
  let end = 0;
  for (const [key, text] of Object.entries(shapes)) {
    const shape = JSON.parse(text) as number[];
    const start = end;
    end += 4 * shape.reduce((count, dim) => count * dim, 1);
    header[key] = { dtype: 'F32', shape, data_offsets: [start, end] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const size = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + size + end).fill(0x20, 8, 8 + size);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(size), true);
  bytes.set(text, 8);
  const { documents } = await openFiles([{ id: 'made', source: bufferSource(bytes, 'made.safetensors') }]);
  if (!documents[0]) throw new Error('made');
  return startEditing(documents[0]);
}
