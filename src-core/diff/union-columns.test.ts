import { expect, test } from 'vitest';
import { columnsOf } from '../model/columns.fixture.ts';
import { keyOfRow } from '../model/key-text.ts';
import { NO_SHAPE, VALUE_ORDER } from '../model/state-dict.ts';
import { unionColumns } from './union-columns.ts';

test('a pair is what A says of it, and what B says where A has nothing', () => {
  const a = columnsOf([
    { key: 'x.weight', shape: [2, 3], dtype: 'f32' },
    { key: 'x.note', type: 'text', bytes: 5 },
  ]);
  const b = columnsOf([
    { key: ['y', 0, 'ü'], shape: [4], dtype: 'bf16' },
    { key: 'y.weight', shape: [3, 2], dtype: 'f16' },
    { key: 'y.count', type: 'int', bytes: 2 },
    { key: 'y.more', shape: [2, 3], dtype: 'f32' },
  ]);
  const rowA = Int32Array.of(0, -1, 1, -1, -1);
  const rowB = Int32Array.of(1, 0, -1, 2, 3);
  const union = unionColumns(a, b, { rowA, rowB });
  expect(Array.from({ length: 5 }, (_, row) => keyOfRow(union, row))).toEqual([
    'x.weight',
    'y.0.ü',
    'x.note',
    'y.count',
    'y.more',
  ]);
  const shapes = Array.from(union.shape, (code) => (code === NO_SHAPE ? null : union.shapes[code]));
  expect(shapes).toEqual([[2, 3], [4], null, null, [2, 3]]);
  const dtypes = Array.from(union.dtype, (code) => union.dtypes[code - 1] ?? null);
  expect(dtypes).toEqual(['f32', 'bf16', null, null, 'f32']);
  expect(Array.from(union.types, (code) => VALUE_ORDER[code])).toEqual(['tensor', 'tensor', 'text', 'int', 'tensor']);
  expect([...union.params]).toEqual([6, 4, 0, 0, 6]);
  // Tables are shared by what is alike.
  expect(union.shapes.filter((shape) => shape.join() === '2,3')).toHaveLength(1);
});
