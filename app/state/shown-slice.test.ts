import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  cellOfIndex,
  columnHead,
  indexOfCell,
  isEmpty,
  rowHead,
  setAxes,
  setAxis,
  setPosition,
  sheetOf,
  showFirst,
  shownText,
  showSlice,
  sliceOfBlock,
} from './shown-slice.ts';

const text = (shown: ReturnType<typeof showSlice>, shape: readonly number[]) => shownText(shown, shape);

describe('what a slice shows', () => {
  test('the last two axes that run; the others stand at their first position', () => {
    expect(text(showFirst([32, 1, 3, 3]), [32, 1, 3, 3])).toBe('0, 0, :, :');
    const shown = showSlice('4:, :, 1, :', [9, 8, 7, 6]);
    expect(text(shown, [9, 8, 7, 6])).toBe('4, :, 1, :');
    expect([shown.rows, shown.columns]).toEqual([1, 3]);
  });

  test('one running axis is wrapped in tens, a long one in hundreds', () => {
    expect(sheetOf(showFirst([64]))).toEqual({ rows: 7, columns: 10, count: 64, wrapped: true });
    expect(sheetOf(showFirst([4096]))).toEqual({ rows: 41, columns: 100, count: 4096, wrapped: true });
    const shown = showSlice('5::-1', [64]);
    expect([rowHead(shown, 0), columnHead(shown, 2)]).toEqual([5, '−2']);
  });

  test('a single number and nothing at all', () => {
    expect(sheetOf(showFirst([]))).toEqual({ rows: 1, columns: 1, count: 1, wrapped: false });
    expect(isEmpty(showFirst([0, 4]))).toBe(true);
    expect(isEmpty(showSlice('2:2', [9]))).toBe(true);
  });

  test('says where a slice is wrong', () => {
    expect(() => showSlice('0, 99', [3, 3])).toThrow(
      expect.objectContaining({ info: expect.objectContaining({ at: 3 }) }),
    );
  });
});

describe('axes', () => {
  const shape = [9, 8, 7];
  test('swap, and take the place of each other', () => {
    const shown = showFirst(shape);
    const swapped = setAxes(shown, shape, 2, 1);
    expect([swapped.rows, swapped.columns, text(swapped, shape)]).toEqual([2, 1, '0, :, :']);
    const other = setAxis(shown, shape, 'rows', 0);
    expect([other.rows, other.columns, text(other, shape)]).toEqual([0, 2, ':, 0, :']);
    const same = setAxis(shown, shape, 'rows', 2);
    expect([same.rows, same.columns]).toEqual([2, 1]);
  });
  test('a fixed one moves', () => {
    expect(text(setPosition(showFirst(shape), 0, 8), shape)).toBe('8, :, :');
  });
});

const shapes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 0, maxLength: 4 });

test('a cell and its index name each other, whatever is shown', () => {
  fc.assert(
    fc.property(shapes, fc.gen(), (shape, gen) => {
      const items = shape.map((dim) => {
        const range = () => `${gen(fc.integer, { min: 0, max: dim - 1 })}::${gen(fc.constantFrom, 1, 2, -1)}`;
        return gen(fc.boolean) ? range() : String(gen(fc.integer, { min: 0, max: dim - 1 }));
      });
      const first = showSlice(items.join(','), shape);
      const { rows, columns } = first;
      const shown =
        rows !== undefined && columns !== undefined && gen(fc.boolean) ? setAxes(first, shape, columns, rows) : first;
      const sheet = sheetOf(shown);
      for (let at = 0; at < sheet.count; at++) {
        const cell = { row: Math.floor(at / sheet.columns), column: at % sheet.columns };
        expect(cellOfIndex(shown, indexOfCell(shown, cell.row, cell.column))).toEqual(cell);
      }
    }),
  );
});

test('a block of a strided slice is a slice of the tensor', () => {
  const shown = showSlice('2::3, 1, ::-2', [30, 4, 21]);
  const slice = sliceOfBlock(shown, { from: 2, to: 5 }, { from: 1, to: 4, step: 2 });
  expect(slice).toEqual([
    { kind: 'range', start: 8, count: 3, step: 3 },
    { kind: 'index', at: 1 },
    { kind: 'range', start: 18, count: 2, step: -4 },
  ]);
});
