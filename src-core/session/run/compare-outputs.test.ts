import { expect, test } from 'vitest';
import type { RunTensor } from '../ports.ts';
import { compareOutputs } from './compare-outputs.ts';

const rows = (...data: number[]): RunTensor => ({ dtype: 'f32', shape: [2, 2], data: Float32Array.from(data) });

test('equal outputs are no distance apart', () => {
  expect(compareOutputs(rows(1, 2, 3, 4), rows(1, 2, 3, 4))).toEqual({
    maxAbs: 0,
    at: 0,
    cosine: 1,
    relative: 0,
    divergence: 0,
    changedChoices: 0,
    rows: 2,
  });
});

test('the largest difference, its place, and how the choices differ', () => {
  const found = compareOutputs(rows(0, 0, 1, 2), rows(0, Math.log(3), 1, 2));
  expect(found).toMatchObject({ at: 1, changedChoices: 1, rows: 2 });
  expect(found?.maxAbs).toBeCloseTo(Math.log(3), 6);
  // ½ ln(½ ÷ ¼) + ½ ln(½ ÷ ¾) in the first row, 0 in the second.
  expect(found?.divergence).toBeCloseTo((0.5 * Math.log(2) + 0.5 * Math.log(2 / 3)) / 2, 6);
  expect(found?.relative).toBeCloseTo(Math.log(3) / Math.sqrt(5), 6);
});

test('adding the same to all logits of a row changes no choice', () => {
  const found = compareOutputs(rows(0, 1, 2, 3), rows(100, 101, 2, 3));
  expect(found?.divergence).toBeCloseTo(0, 5);
  expect(found?.changedChoices).toBe(0);
});

test('outputs of different shapes are not compared', () => {
  expect(compareOutputs(rows(1, 2, 3, 4), { ...rows(1, 2, 3, 4), shape: [4] } as RunTensor)).toBeUndefined();
});
