import { expect, test } from 'vitest';
import { cellAfterKey } from './cell-keys.ts';
import { pictureSize } from './picture-size.ts';

const extent = { rows: 1000, columns: 50, pageRows: 20, pageColumns: 6 };
const press = (key: string, row = 500, column = 25, held: { ctrlKey?: boolean; altKey?: boolean } = {}) =>
  cellAfterKey({ key, ctrlKey: false, metaKey: false, altKey: false, ...held }, { row, column }, extent);

test('keys move inside the grid', () => {
  expect(press('ArrowDown')).toEqual({ row: 501, column: 25 });
  expect(press('ArrowLeft', 3, 0)).toEqual({ row: 3, column: 0 });
  expect(press('PageDown', 990)).toEqual({ row: 999, column: 25 });
  expect(press('PageUp', 500, 25, { altKey: true })).toEqual({ row: 500, column: 19 });
  expect(press('Home')).toEqual({ row: 500, column: 0 });
  expect(press('End', 500, 25, { ctrlKey: true })).toEqual({ row: 999, column: 49 });
  expect(press('ArrowRight', 500, 25, { ctrlKey: true })).toEqual({ row: 500, column: 49 });
});

test('other keys are left alone', () => {
  expect(press('c', 1, 1, { ctrlKey: true })).toBeUndefined();
  expect(press('ArrowLeft', 1, 1, { altKey: true })).toBeUndefined();
  expect(
    cellAfterKey(
      { key: 'ArrowDown', ctrlKey: false, metaKey: false, altKey: false },
      { row: 0, column: 0 },
      { ...extent, rows: 0 },
    ),
  ).toBeUndefined();
});

test('a picture keeps near its proportions, and a long one can still be seen', () => {
  const room = { width: 300, height: 400 };
  expect(pictureSize(3, 3, room)).toEqual({ width: 132, height: 132 });
  expect(pictureSize(4096, 4096, room)).toEqual({ width: 300, height: 400 });
  expect(pictureSize(1, 4096, room)).toEqual({ width: 300, height: 44 });
  expect(pictureSize(100_000, 8, room)).toEqual({ width: 48, height: 400 });
  expect(pictureSize(0, 8, room)).toEqual({ width: 0, height: 0 });
});
