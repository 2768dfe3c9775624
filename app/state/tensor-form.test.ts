import { expect, test } from 'vitest';
import { editOfForm, startForm } from './tensor-form.ts';

const form = startForm([2, 3], 'bf16', '0:1, :');

test('a form begins as an edit that makes sense for the shape', () => {
  expect(editOfForm('transpose', form, ['w'])).toEqual({ op: 'transpose', args: { key: 'w', axes: [1, 0] } });
  expect(editOfForm('reshape', form, ['w']).args).toEqual({ key: 'w', shape: [2, 3] });
  expect(editOfForm('slice-tensor', form, ['w']).args).toEqual({ key: 'w', slice: '0:1, :' });
  expect(editOfForm('pad', form, ['w']).args).toEqual({ key: 'w', before: [0, 0], after: [0, 0], constant: 0 });
  expect(editOfForm('cast', form, ['w', 'v']).args).toEqual({ keys: ['w', 'v'], dtype: 'bf16' });
});

test('what is typed is read as people write it', () => {
  expect(editOfForm('reshape', { ...form, shape: '[3 × −1]' }, ['w']).args).toEqual({ key: 'w', shape: [3, -1] });
  expect(editOfForm('fill', { ...form, filling: 'constant', constant: '-inf' }, ['w']).args).toEqual({
    key: 'w',
    with: { constant: '-Infinity' },
  });
  const normal = { ...form, filling: 'normal', seed: '7', std: '1e-2', untie: true } as const;
  expect(editOfForm('fill', normal, ['a', 'b']).args).toEqual({
    keys: ['a', 'b'],
    with: { normal: { seed: 7, mean: 0, std: 0.01 } },
    untie: true,
  });
});

test('a field that is no number is named', () => {
  expect(() => editOfForm('affine', { ...form, scale: ' ' }, ['w'])).toThrow('scale is empty');
  expect(() => editOfForm('affine', { ...form, shift: 'NaN' }, ['w'])).toThrow('shift: NaN is no number');
  expect(() => editOfForm('pad', { ...form, before: ['1', 'x'] }, ['w'])).toThrow('padding: x is no number');
});
