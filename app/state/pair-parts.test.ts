import { describe, expect, test } from 'vitest';
import type { TensorValue } from '../../src-core/index.ts';
import { isAligned, partsOf, subtractSamples, type TensorPair } from './pair-parts.ts';
import { indexOfCell, setAxes, sheetOf, showFirst, showSlice } from './shown-slice.ts';
import type { ValueSample } from './value-sample.ts';

const tensor = (shape: readonly number[]): TensorValue => ({ type: 'tensor', dtype: 'f32', shape, offset: 0 });
const pairOf = (a: readonly number[], b: readonly number[], axes?: readonly number[]): TensorPair => ({
  a: { document: 1, entry: 0, tensor: tensor(a) },
  b: { document: 2, entry: 0, tensor: tensor(b) },
  axes,
});

describe('parts', () => {
  test('axes in another order show the same numbers at the same cells', () => {
    // OIHW against HWIO: axis i of A is axis axes[i] of B.
    const axes = [3, 2, 0, 1];
    const pair = pairOf([8, 4, 3, 2], [3, 2, 4, 8], axes);
    expect(isAligned(pair)).toBe(true);
    for (const shown of [
      showSlice('5, 1:3, :, 1', pair.a.tensor.shape),
      setAxes(showFirst([8, 4, 3, 2]), [8, 4, 3, 2], 0, 3),
    ]) {
      const [a, b] = partsOf(pair, shown);
      const sheet = sheetOf(a.shown);
      expect(sheetOf(b.shown)).toEqual(sheet);
      for (const [row, column] of [
        [0, 0],
        [sheet.rows - 1, sheet.columns - 1],
      ] as const) {
        const [inA, inB] = [indexOfCell(a.shown, row, column), indexOfCell(b.shown, row, column)];
        expect(axes.map((axis) => inB[axis])).toEqual(inA);
      }
    }
  });

  test('shapes that do not fit are told', () => {
    expect(isAligned(pairOf([2, 3], [2, 3]))).toBe(true);
    expect(isAligned(pairOf([2, 3], [3, 2]))).toBe(false);
    expect(isAligned(pairOf([2, 3], [2, 3, 1]))).toBe(false);
    expect(isAligned(pairOf([2, 3], [3, 2], [1, 0]))).toBe(true);
  });
});

/** A sample of a sheet whose number at (r, c) is 100 r + c, times a factor. */
function sampleOf(rows: number, columns: number, rowStep: number, columnStep: number, times = 1): ValueSample {
  const [down, across] = [Math.ceil(rows / rowStep), Math.ceil(columns / columnStep)];
  const values = Float64Array.from(
    { length: down * across },
    (_, i) => times * (100 * Math.floor(i / across) * rowStep + (i % across) * columnStep),
  );
  return { rows: down, columns: across, rowStep, columnStep, values };
}

describe('difference of two pictures', () => {
  test('is taken where both have a number, whatever their steps', () => {
    const delta = subtractSamples(sampleOf(10, 7, 4, 1), sampleOf(10, 7, 2, 2, 3));
    expect([delta.rowStep, delta.columnStep]).toEqual([4, 2]);
    expect([delta.rows, delta.columns]).toEqual([3, 4]);
    const wanted = [0, 4, 8].flatMap((row) => [0, 2, 4, 6].map((column) => 2 * (100 * row + column)));
    expect([...delta.values]).toEqual(wanted);
  });

  test('of steps that never meet is a single number, not nonsense', () => {
    const delta = subtractSamples(sampleOf(5, 5, 2, 1), sampleOf(5, 5, 3, 1));
    expect(delta.rows).toBe(1);
    expect([...delta.values]).toEqual([0, 0, 0, 0, 0]);
  });
});
