import { expect, test } from 'vitest';
import { columnsOf, mixtureRows } from '../model/columns.fixture.ts';
import { PathIndex } from './path-index.ts';

test('finds rows of the same path to the letter, the first of several first', () => {
  const index = new PathIndex(columnsOf([{ key: 'a.b' }, { key: ['a', 0] }, { key: [] }, { key: 'a.b' }]));
  const wanted = columnsOf([{ key: ['a', '0'] }, { key: ['a', 0] }, { key: 'a.b' }, { key: [] }, { key: [''] }]);
  expect(Array.from({ length: 5 }, (_, row) => index.find(wanted, row))).toEqual([undefined, 1, 0, 2, undefined]);
  expect([index.next(0), index.next(1), index.next(3)]).toEqual([3, undefined, undefined]);
});

test('a dot in a part is none between two', () => {
  const index = new PathIndex(columnsOf([{ key: ['a.b'] }]));
  expect(index.find(columnsOf([{ key: ['a', 'b'] }]), 0)).toBeUndefined();
});

test('every one of many is found', () => {
  const columns = columnsOf(mixtureRows(5000));
  const index = new PathIndex(columns);
  const rows = Array.from({ length: columns.count }, (_, row) => row);
  expect(rows.filter((row) => index.find(columns, row) !== row)).toEqual([]);
});
