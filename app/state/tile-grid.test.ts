import { expect, test } from 'vitest';
import { tileGrid } from './tile-grid.ts';

const grid = tileGrid({ rows: 70, columns: 250 }, { rows: 32, columns: 100 });

test('a place lies in the spans of its tile, and those at the ends are cut', () => {
  expect(grid.keyAt(31, 99)).toBe('0/0');
  expect(grid.keyAt(32, 100)).toBe('1/1');
  expect(grid.spansOf(grid.keyAt(69, 249))).toEqual({ rows: { from: 64, to: 70 }, columns: { from: 200, to: 250 } });
});

test('what is around a part is every tile beside those it touches, and none outside', () => {
  const { inSight, near } = grid.around({ from: 0, to: 32 }, { from: 0, to: 100 });
  expect(inSight).toEqual(['0/0']);
  expect(near).toEqual(['0/1', '1/0', '1/1']);
  const all = grid.around({ from: 31, to: 33 }, { from: 150, to: 250 });
  expect(all.inSight).toEqual(['0/1', '0/2', '1/1', '1/2']);
  expect(all.near).toEqual(['0/0', '1/0', '2/0', '2/1', '2/2']);
});
