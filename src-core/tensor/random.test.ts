import { expect, test } from 'vitest';
import { drawNumbers, fillPhilox } from './random.ts';

test('the words are those of the reference implementation', () => {
  const words = new Uint32Array(4);
  // Known answers of Random123 1.14 (`kat_vectors`) for philox4x32-10; the others have counters of 128 bits.
  fillPhilox(words, 0, 0);
  expect([...words].map((word) => word.toString(16))).toEqual(['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']);
});

test('any number is made alone, and seeds differ', () => {
  const draw = { kind: 'normal', seed: 2 ** 40 + 7, mean: 0, std: 1 } as const;
  const all = drawNumbers(draw, 0, 1001);
  for (const [from, to] of [
    [0, 1],
    [1, 2],
    [3, 10],
    [500, 1001],
  ] as const)
    expect(drawNumbers(draw, from, to)).toEqual(all.slice(from, to));
  expect(drawNumbers({ ...draw, seed: 7 }, 0, 4)).not.toEqual(all.slice(0, 4));
  // The counter goes past 32 bits.
  expect(drawNumbers(draw, 2 ** 34, 2 ** 34 + 4)).not.toEqual(all.slice(0, 4));
});

test('numbers are distributed as they say', () => {
  const count = 200_000;
  const moments = (numbers: Float64Array) => {
    const mean = numbers.reduce((sum, x) => sum + x, 0) / count;
    return [mean, Math.sqrt(numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count)] as const;
  };
  // Five standard errors.
  const [mean, std] = moments(drawNumbers({ kind: 'normal', seed: 1, mean: 3, std: 0.5 }, 0, count));
  expect(Math.abs(mean - 3)).toBeLessThan((5 * 0.5) / Math.sqrt(count));
  expect(Math.abs(std - 0.5)).toBeLessThan((5 * 0.5) / Math.sqrt(2 * count));
  const uniform = drawNumbers({ kind: 'uniform', seed: 1, low: -2, high: 4 }, 0, count);
  expect(Math.abs(moments(uniform)[0] - 1)).toBeLessThan((5 * 6) / Math.sqrt(12 * count));
  expect(uniform.every((x) => x >= -2 && x < 4)).toBe(true);
  const within = drawNumbers({ kind: 'normal', seed: 1, mean: 0, std: 1 }, 0, count).filter((x) => Math.abs(x) < 1);
  expect(Math.abs(within.length / count - 0.6827)).toBeLessThan(0.005);
});
