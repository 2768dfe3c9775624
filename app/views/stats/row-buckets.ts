import type { RowStats } from '../../../src-core/index.ts';

/** Neighbouring rows that share a place of the chart. */
export interface RowBucket {
  /** Index of the first. */
  readonly first: number;
  readonly count: number;
  /** The extremes of all; means of the others over the rows. NaN where no row has a finite value. */
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly std: number;
  readonly l2: number;
  readonly zeros: number;
}

/** A chart some 600 pixels wide shows no more. */
const MOST_BUCKETS = 400;

/** Indices by value, largest first; those without one last. */
export function orderRows(values: Float64Array): Uint32Array {
  const rank = (value: number) => (Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value);
  return Uint32Array.from(values.keys()).sort((a, b) => rank(values[b]!) - rank(values[a]!) || a - b);
}

export function rowBuckets(stats: RowStats, order?: Uint32Array): readonly RowBucket[] {
  const size = Math.max(1, Math.ceil(stats.rows / MOST_BUCKETS));
  const buckets: RowBucket[] = [];
  for (let from = 0; from < stats.rows; from += size) {
    const count = Math.min(size, stats.rows - from);
    const rows = Array.from({ length: count }, (_, i) => (order ? order[from + i]! : from + i));
    const finite = rows.filter((row) => !Number.isNaN(stats.mean[row]!));
    const meanOf = (values: Float64Array, of = finite) =>
      of.length === 0 ? Number.NaN : of.reduce((sum, row) => sum + values[row]!, 0) / of.length;
    buckets.push({
      first: rows[0]!,
      count,
      min: finite.length === 0 ? Number.NaN : Math.min(...finite.map((row) => stats.min[row]!)),
      max: finite.length === 0 ? Number.NaN : Math.max(...finite.map((row) => stats.max[row]!)),
      mean: meanOf(stats.mean),
      std: meanOf(stats.std),
      l2: meanOf(stats.l2, rows),
      zeros: meanOf(stats.zeros, rows),
    });
  }
  return buckets;
}
