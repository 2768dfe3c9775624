import { expect, test } from 'vitest';
import { isBlockDType } from '../tensor/dtype.ts';
import { FIXTURES, listAll, openFixture, reopen, saveAll } from './editing.fixture.ts';
import { applyEdit, type EditedDocument } from './edits.ts';
import { readWeight } from './run/read-weight.ts';
import { checkSaved } from './save.ts';
import { readStoredBytes, readValues } from './values.ts';

const open = () => openFixture(FIXTURES.find(({ path }) => path === 'gguf/tiny.gguf')!.fixture);
const apply = (document: EditedDocument, op: string, args: object) => applyEdit(document, { op, args });
const rowOf = ({ state }: EditedDocument, key: string) => listAll(state).findIndex((entry) => entry.key === key);
const valuesOf = async (document: EditedDocument, key: string) =>
  (await readValues(document, rowOf(document, key))).values;
const Q8 = 'blk.0.attn_q.weight';

test('weights are what blocks stand for', async () => {
  const document = await open();
  const blocks = listAll(document.state).filter(({ value }) => value.type === 'tensor' && isBlockDType(value.dtype));
  expect(blocks.length).toBe(4);
  for (const { id } of blocks)
    expect(await readWeight(document, id)).toEqual(Float32Array.from((await readValues(document, id)).values, Number));
});

test('a number in a block is not changed alone, and says what to do', async () => {
  const document = await open();
  const set = { key: Q8, slice: '0, 0', values: 1 };
  expect(() => apply(document, 'set-elements', set)).toThrow(/blocks of Q8_0.*cast it to f32 or f16 first/);
  const cast = apply(document, 'cast', { keys: [Q8], dtype: 'f16' });
  const edited = apply(cast, 'set-elements', set);
  const [was, is] = [await valuesOf(cast, Q8), await valuesOf(edited, Q8)];
  expect([...is]).toEqual([1, ...was.slice(1)]);
});

test('views keep whole blocks in their order or are refused', async () => {
  const document = await open();
  expect(() => apply(document, 'transpose', { key: Q8, axes: [1, 0] })).toThrow(/no whole blocks of Q8_0/);
  expect(() => apply(document, 'slice-tensor', { key: Q8, slice: ':, 1:33' })).toThrow(/no whole blocks/);
  expect(() => apply(document, 'reshape', { key: Q8, shape: [16, 16] })).toThrow(/no whole blocks/);
  const rows = apply(document, 'slice-tensor', { key: Q8, slice: '1:3' });
  const again = await reopen(await saveAll(rows));
  checkSaved(rows, again);
  expect(await valuesOf(again as EditedDocument, Q8)).toEqual((await valuesOf(document, Q8)).slice(64, 192));
});

test('a copy is of the same blocks, byte for byte', async () => {
  const document = apply(await open(), 'duplicate', { key: Q8, to: 'copy' });
  const files = await saveAll(apply(document, 'rename', { key: Q8, to: 'renamed' }));
  const again = (await reopen(files)) as EditedDocument;
  const bytes = (key: string) => readStoredBytes(again, rowOf(again, key), 0, 8 * 34);
  expect(await bytes('copy')).toEqual(await bytes('renamed'));
  expect(await bytes('copy')).toEqual(await readStoredBytes(document, rowOf(document, Q8), 0, 8 * 34));
});

test('numbers become blocks, which are saved as they are seen', async () => {
  const document = await open();
  const cast = apply(document, 'cast', { keys: ['token_embd.weight', Q8], dtype: 'q4_1' });
  const seen = await valuesOf(cast, 'token_embd.weight');
  expect(seen).not.toEqual(await valuesOf(document, 'token_embd.weight'));
  const again = (await reopen(await saveAll(cast))) as EditedDocument;
  checkSaved(cast, again);
  for (const key of ['token_embd.weight', Q8]) expect(await valuesOf(again, key)).toEqual(await valuesOf(cast, key));
  // 8-bit blocks of numbers that are multiples of such a scale are what they were.
  const back = apply(apply(document, 'cast', { keys: [Q8], dtype: 'f32' }), 'cast', { keys: [Q8], dtype: 'q8_0' });
  const [was, is] = [await valuesOf(document, Q8), await valuesOf(back, Q8)];
  for (const [i, value] of is.entries()) expect(Math.abs(Number(value) - Number(was[i]))).toBeLessThan(1e-3);
  expect(() => apply(document, 'cast', { keys: ['bf16'], dtype: 'q8_0' })).toThrow(/rows have 3 elements/);
  expect(() => apply(document, 'cast', { keys: [Q8], dtype: 'q4_k' })).toThrow(/not to q4_k/);
});
