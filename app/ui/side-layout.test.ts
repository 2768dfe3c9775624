import { expect, test } from 'vitest';
import type { GridColumn } from './grid-columns.ts';
import { layOutSides, middleWidth, SIDE_MIN } from './side-layout.ts';

const column = (id: string, width: number): GridColumn => ({ id, title: id, width, min: 40, cell: () => null });
const COLUMNS = [column('type', 58), column('shape', 84)];

test('both sides fill the room, however it is split', () => {
  for (const split of [0, 15, 37.5, 50, 85, 100]) {
    const { a, b } = layOutSides(640, split, COLUMNS, {});
    expect(a.width + b.width).toBe(640);
    expect(Math.min(a.width, b.width)).toBeGreaterThanOrEqual(SIDE_MIN);
  }
});

test('what does not fit is scrolled to; where there is room the key takes it', () => {
  const { a, b } = layOutSides(640, 30, COLUMNS, {});
  expect(a).toEqual({ width: 192, content: 374 });
  expect(b).toEqual({ width: 448, content: 448 });
  expect(layOutSides(640, 30, COLUMNS, { shape: 184 }).b.content).toBe(474);
});

test('the middle is as wide as its columns', () => {
  expect(middleWidth([column('status', 82)], {})).toBe(94);
  expect(middleWidth([], {})).toBe(6);
});
