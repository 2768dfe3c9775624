import { expect, test } from 'vitest';
import { offsetToShow, rowsAt, trackOf } from './row-window.ts';

test('a list that fits is not scaled; a longer one stays below what browsers can lay out', () => {
  expect(trackOf(1000, 26, 600)).toEqual({ height: 26_000, scale: 1, maxOffset: 25_400 });
  const long = trackOf(10_000_000, 26, 600);
  expect(long.height).toBeLessThan(17_000_000);
  expect((long.height - 600) * long.scale).toBeCloseTo(long.maxOffset, 3);
});

test('the end of the scroll bar is the end of the list', () => {
  const track = trackOf(5_000_000, 26, 600);
  const [, end] = rowsAt((track.height - 600) * track.scale, 600, 26, 5_000_000, 4);
  expect(end).toBe(5_000_000);
});

test('the rows of a window cover it, and no more than the list has', () => {
  expect(rowsAt(0, 600, 26, 1000, 5)).toEqual([0, 29]);
  expect(rowsAt(2600, 600, 26, 1000, 5)).toEqual([95, 129]);
  expect(rowsAt(25_400, 600, 26, 1000, 5)).toEqual([971, 1000]);
  expect(rowsAt(25_400, 600, 26, 3, 5)).toEqual([3, 3]);
});

test('showing a row moves only as far as it must', () => {
  expect(offsetToShow(10, 0, 600, 26, 'nearest')).toBe(0);
  expect(offsetToShow(30, 0, 600, 26, 'nearest')).toBe(31 * 26 - 600);
  expect(offsetToShow(3, 500, 600, 26, 'nearest')).toBe(78);
  expect(offsetToShow(100, 0, 600, 26, 'centre')).toBe(2600 - 287);
});
