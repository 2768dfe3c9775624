import { expect, test } from 'vitest';
import { FIXTURES, openFixture } from './editing.fixture.ts';
import { applyEdit } from './edits.ts';
import { findKey } from './find-key.ts';
import { previewEdit } from './preview-edit.ts';
import { readValues } from './values.ts';

const open = (path: string) => openFixture(FIXTURES.find((one) => one.path === path)!.fixture);

test('says what one tensor becomes, and leaves the document as it is', async () => {
  const document = await open('pytorch/tied.bin');
  const { state } = document;
  const key = state.entries.at(state.shares[0]!.owner).key;
  const { value } = findKey(document, key);
  if (value.type !== 'tensor') throw new Error('no tensor');
  const bytes = 4 * value.shape.reduce((a, b) => a * b, 1);
  expect(value.dtype).toBe('f32');
  const preview = previewEdit(document, { op: 'cast', args: { keys: [key], dtype: 'f16' } });
  expect(preview).toMatchObject({
    tensors: 1,
    before: { dtypes: ['f32'], shape: value.shape, bytes },
    after: { dtypes: ['f16'], shape: value.shape, bytes: bytes / 2 },
  });
  expect(preview.tied.length).toBeGreaterThan(0);
  expect(document.state).toBe(state);
  // Untied, the same others are offered still, and only this one is counted.
  expect(previewEdit(document, { op: 'cast', args: { keys: [key], dtype: 'f16', untie: true } })).toEqual(preview);
  const both = [key, ...preview.tied];
  const all = previewEdit(document, { op: 'cast', args: { keys: both, dtype: 'f16' } });
  expect([all.tensors, all.tied, all.after.bytes]).toEqual([both.length, [], bytes / 2]);
});

test('nothing that changes is nothing; what cannot be made says why', async () => {
  const document = await open('pytorch/tied.bin');
  const key = document.state.entries.at(document.state.shares[0]!.owner).key;
  const none = previewEdit(document, { op: 'cast', args: { keys: [key], dtype: 'f32' } });
  expect(none).toEqual({ tensors: 0, tied: [], before: { dtypes: [], bytes: 0 }, after: { dtypes: [], bytes: 0 } });
  expect(() => previewEdit(document, { op: 'reshape', args: { key, shape: [7, 7, 7] } })).toThrow(/is no shape for/);
});

test('several tensors are drawn with seeds of their own', async () => {
  const document = await open('safetensors/tiny.safetensors');
  const normal = { seed: 5, mean: 0, std: 1 };
  const floats = Array.from({ length: document.state.entries.length }, (_, row) => document.state.entries.at(row))
    .filter(({ value }) => value.type === 'tensor' && value.dtype === 'f32' && value.shape.length > 0)
    .map(({ key }) => key);
  expect(floats.length).toBeGreaterThan(1);
  const all = applyEdit(document, { op: 'fill', args: { keys: floats, with: { normal } } });
  for (const [n, key] of floats.entries()) {
    const alone = applyEdit(document, { op: 'fill', args: { key, with: { normal: { ...normal, seed: 5 + n } } } });
    const read = async (one: typeof all) => (await readValues(one, findKey(one, key).id)).values;
    expect(await read(all)).toEqual(await read(alone));
  }
  expect(() => applyEdit(document, { op: 'fill', args: { with: 'ones' } })).toThrow(/either a key or keys/);
});
