import type { TensorStats } from '../tensor/stats.ts';
import { type NumberBatch, type NumberColumns, NumberTable } from './number-table.ts';
import type { EntryId } from './state-dict.ts';

/** What a table, a filter or a rule asks of a tensor. `zeros` is a share of the elements, `nan` and `inf` are counts. */
export const STATISTICS = ['count', 'min', 'max', 'mean', 'std', 'absmax', 'l2', 'zeros', 'nan', 'inf'] as const;
export type StatisticName = (typeof STATISTICS)[number];

/** Statistics by row. */
export type StatisticColumns = NumberColumns<StatisticName>;

/** Statistics of some rows: a number for each of `STATISTICS`. */
export type StatsBatch = NumberBatch;

export class StatsTable extends NumberTable<StatisticName> {
  constructor() {
    super(STATISTICS);
  }

  /** Without `stats`: somebody looked, and there are none. */
  set(row: EntryId, stats: TensorStats | undefined): void {
    this.setNumbers(row, stats && numbersOf(stats));
  }
}

function numbersOf(stats: TensorStats): readonly number[] {
  const numbers: Record<StatisticName, number> = {
    count: stats.count,
    min: stats.min ?? Number.NaN,
    max: stats.max ?? Number.NaN,
    mean: stats.mean ?? Number.NaN,
    std: stats.std ?? Number.NaN,
    absmax: stats.absmax ?? Number.NaN,
    l2: stats.l2,
    zeros: stats.count === 0 ? 0 : stats.zeros / stats.count,
    nan: stats.nan,
    inf: stats.posInf + stats.negInf,
  };
  return STATISTICS.map((name) => numbers[name]);
}
