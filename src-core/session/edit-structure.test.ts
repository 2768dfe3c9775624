import { expect, test } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import { openNodeHandle } from '../bytes/node.ts';
import type { TensorValue } from '../model/state-dict.ts';
import { describeState, FIXTURES, listAll, openFixture, reopen, saveAll } from './editing.fixture.ts';
import { applyEdit, type EditedDocument, moveCursor, startEditing } from './edits.ts';
import { findKey } from './find-key.ts';
import { inspectCast } from './inspect-cast.ts';
import { localPool } from './local-pool.ts';
import { openFiles } from './open.ts';
import { checkSaved, planSave } from './save.ts';
import { readValues } from './values.ts';

const open = (path: string) => openFixture(FIXTURES.find((one) => one.path === path)!.fixture);
const storageOf = (document: EditedDocument, key: string) => (findKey(document, key).value as TensorValue).storage;
const valuesOf = async (document: EditedDocument, key: string) => [
  ...(await readValues(document, findKey(document, key).id)).values,
];
const textOf = (files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>) =>
  new TextDecoder().decode([...files.values()][0]);

const sortedEntries = ({ state }: EditedDocument) =>
  listAll(state)
    .map(({ key, value }) => ({ key, value }))
    .sort((x, y) => (x.key < y.key ? -1 : 1));

test('tensors are tied to the first, and torch’s file has them once', async () => {
  const document = await open('pytorch/tied.bin');
  const edited = applyEdit(document, { op: 'untie', args: { keys: ['lm_head.weight'] } });
  expect(storageOf(edited, 'lm_head.weight')).not.toBe(storageOf(edited, 'wte.weight'));
  const apart = await reopen(await saveAll(edited));
  expect(storageOf(apart, 'lm_head.weight')).not.toBe(storageOf(apart, 'wte.weight'));
  expect(await valuesOf(apart, 'lm_head.weight')).toEqual(await valuesOf(document, 'lm_head.weight'));

  const filled = applyEdit(edited, { op: 'fill', args: { key: 'lm_head.weight', with: 'ones' } });
  expect((await valuesOf(filled, 'wte.weight')).every((value) => value === 1)).toBe(false);
  const tied = applyEdit(filled, { op: 'tie', args: { keys: ['lm_head.weight', 'wte.weight'] } });
  const rows = ['wte.weight', 'lm_head.weight'].map((key) => findKey(tied, key).id);
  expect(tied.state.shares).toContainEqual({ kind: 'same-storage', owner: rows[0], aliases: [rows[1]] });
  const again = await reopen(await saveAll(tied));
  checkSaved(tied, again);
  expect(storageOf(again, 'lm_head.weight')).toBe(storageOf(again, 'wte.weight'));
  expect(new Set(await valuesOf(again, 'wte.weight'))).toEqual(new Set([1]));
  expect(describeState(moveCursor(tied, 0).state)).toBe(describeState(document.state));
});

test('a tensor that joins a group is tied to all of it', async () => {
  const document = await open('pytorch/tied.bin');
  const added = applyEdit(document, { op: 'duplicate', args: { key: 'wte.weight', to: 'third.weight' } });
  const tied = applyEdit(added, { op: 'tie', args: { keys: ['wte.weight', 'third.weight'] } });
  const keys = ['wte.weight', 'lm_head.weight', 'third.weight'];
  const [owner, ...aliases] = keys.map((key) => findKey(tied, key).id);
  expect(tied.state.shares).toContainEqual({ kind: 'same-storage', owner, aliases });
});

test('what cannot be tied says why; a format without ties tells that they are lost', async () => {
  const document = await open('safetensors/tiny.safetensors');
  const [a, b] = ['h.0.bias', 'h.1.bias'] as const;
  expect(() => applyEdit(document, { op: 'tie', args: { keys: [a, 'h.0.weight'] } })).toThrow(
    /only tensors that are alike/,
  );
  expect(() => applyEdit(document, { op: 'tie', args: { keys: [a] } })).toThrow(/two or more/);
  const tied = applyEdit(document, { op: 'tie', args: { keys: [a, b] } });
  expect((await planSave(tied)).losses).toMatchObject([
    { code: 'tie-lost', message: expect.stringContaining(`${a} and ${b}`) },
  ]);
  const again = await reopen(await saveAll(tied));
  expect(await valuesOf(again, b)).toEqual(await valuesOf(document, a));
  expect((await planSave(applyEdit(tied, { op: 'untie', args: { keys: [b] } }))).losses).toEqual([]);
});

test('an added tensor holds what it was filled with', async () => {
  const document = await open('safetensors/tiny.safetensors');
  const args = { key: 'new.scale', dtype: 'bf16', shape: [2, 3], with: { constant: 0.5 } };
  const edited = applyEdit(document, { op: 'add-tensor', args });
  expect(edited.log.edits[0]!.title).toBe('Add new.scale: bf16 [2, 3] of 0.5');
  const again = await reopen(await saveAll(edited));
  checkSaved(edited, again);
  expect(await valuesOf(again, 'new.scale')).toEqual([0.5, 0.5, 0.5, 0.5, 0.5, 0.5]);
  const attempts: [object, RegExp][] = [
    [{ ...args, dtype: 'f4' }, /not of f4: elements of less than a byte/],
    [{ ...args, shape: [2, -1] }, /\[2, -1\] is no shape/],
    [{ ...args, key: 'h.0.bias' }, /h\.0\.bias is there already/],
  ];
  for (const [wrong, words] of attempts)
    expect(() => applyEdit(document, { op: 'add-tensor', args: wrong })).toThrow(words);
});

test.each(['text/modules.json', 'text/modules.toml', 'text/agent-by-hand.toml', 'text/nested.json'])(
  '%s with keys written whole or nested, and back',
  async (path) => {
    const document = await open(path);
    const [first, second] = document.state.layout === 'flat' ? ['nest', 'flatten'] : ['flatten', 'nest'];
    const turned = applyEdit(document, { op: first!, args: {} });
    const files = await saveAll(turned);
    const again = await reopen(files);
    checkSaved(turned, again);
    expect(again.state.layout).toBe(first === 'nest' ? 'nested' : 'flat');
    expect(textOf(files)).not.toBe(textOf(await saveAll(document)));
    const back = applyEdit(again, { op: second!, args: {} });
    const restored = await reopen(await saveAll(back));
    expect(restored.state.layout).toBe(document.state.layout);
    // What had to move was put in again behind what stayed.
    expect(sortedEntries(restored)).toEqual(sortedEntries(document));
  },
);

test('what cannot be nested says why', async () => {
  const document = await open('text/agent-after.json');
  const edited = applyEdit(document, { op: 'add-entry', args: { key: 'triage', text: 'a value' } });
  expect(() => applyEdit(edited, { op: 'nest', args: {} })).toThrow(/triage is a value, and would be the table of/);
  const tensors = await open('pytorch/tiny.pt');
  expect(() => applyEdit(tensors, { op: 'flatten', args: {} })).toThrow(/only keys of JSON, TOML and YAML/);
});

/** As many tensors of one number as a large model has. */
async function openMany(count: number): Promise<EditedDocument> {
  const header = JSON.stringify(
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [
        `layers.${i}.weight`,
        { dtype: 'F32', shape: [1], data_offsets: [4 * i, 4 * i + 4] },
      ]),
    ),
  );
  const bytes = new Uint8Array(8 + header.length + 4 * count);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(new TextEncoder().encode(header), 8);
  const { documents } = await openFiles([{ id: 'm.safetensors', source: bufferSource(bytes, 'm.safetensors') }]);
  return startEditing(documents[0]!);
}

test('ten thousand keys are no more work than they have to be', async () => {
  const document = await openMany(10_000);
  const keys = listAll(document.state).map(({ key }) => key);
  const timeOf = (op: string, args: object) => {
    const before = process.cpuUsage();
    applyEdit(document, { op, args });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
  for (const [op, args] of [
    ['cast', { keys, dtype: 'bf16' }],
    ['affine', { keys, scale: 2, shift: 0 }],
    ['delete', { keys: keys.slice(1) }],
    ['tie', { keys }],
  ] as const)
    expect(timeOf(op, args), op).toBeLessThan(1);
});

test('losses of a cast are counted over all tasks, and once for what is shared', async () => {
  const document = await open('pytorch/tied.bin');
  const edited = applyEdit(document, {
    op: 'fill',
    args: { key: 'wte.weight', slice: '0', with: { constant: 70000 } },
  });
  const read: number[] = [];
  const told = await inspectCast(edited, ['wte.weight', 'lm_head.weight'], 'f16', localPool(openNodeHandle), {
    onProgress: (_, total) => read.push(total),
  });
  const values = await valuesOf(edited, 'wte.weight');
  expect(told.map(({ losses }) => losses.overflow)).toEqual([6, 6]);
  expect(told[0]!.losses.count).toBe(values.length);
  expect(read.at(-1)).toBe(4 * values.length);
  await expect(inspectCast(edited, ['wte.weigh'], 'f16', localPool(openNodeHandle))).rejects.toThrow(/did you mean/);
});
