import { expect, test } from 'vitest';
import type { TensorStats } from '../tensor/stats.ts';
import { STATISTICS, StatsTable } from './stats-table.ts';

const stats = (more: Partial<TensorStats>): TensorStats => ({
  count: 8,
  nan: 1,
  posInf: 2,
  negInf: 1,
  zeros: 2,
  min: -3,
  max: 2,
  mean: -0.5,
  std: 1.5,
  absmax: 3,
  l1: 9,
  l2: 4,
  distribution: { exact: true, low: new Float64Array(), high: new Float64Array(), counts: new Float64Array() },
  ...more,
});

test('a row is known once somebody looked, whatever came of it', () => {
  const table = new StatsTable();
  expect(table.has(500_000)).toBe(false);
  expect(table.numberOf(500_000, 'mean')).toBeNaN();
  table.set(500_000, stats({}));
  table.set(7, undefined);
  expect(table.size).toBe(2);
  expect(STATISTICS.map((name) => table.numberOf(500_000, name))).toEqual([8, -3, 2, -0.5, 1.5, 3, 4, 0.25, 1, 3]);
  expect(table.has(7)).toBe(true);
  expect(table.numberOf(7, 'count')).toBeNaN();
  table.set(7, stats({ zeros: 8 }));
  expect(table.size).toBe(2);
  expect(table.numberOf(7, 'zeros')).toBe(1);
});

test('a batch makes the same rows known elsewhere, and no others', () => {
  const table = new StatsTable();
  table.set(4095, stats({ mean: 1 }));
  table.set(4096, stats({ mean: 2 }));
  const batch = table.batchOf([4096, 3, 4095]);
  expect([...batch.rows]).toEqual([4096, 4095]);
  const other = new StatsTable();
  other.add(structuredClone(batch));
  expect([4095, 4096, 3].map((row) => other.numberOf(row, 'mean'))).toEqual([1, 2, Number.NaN]);
  expect(other.has(3)).toBe(false);
});
