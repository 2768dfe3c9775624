import { countColumns, type Distribution, quantileOf } from '../../src-core/index.ts';

export interface Columns {
  readonly counts: Float64Array;
  readonly from: number;
  readonly to: number;
  /** The whole number of the first column, where each column stands for one. */
  readonly firstInteger?: number;
  /** Values beyond the range, left out. */
  readonly outside: number;
}

/** Part of the values left out at each end when only the middle is looked at. */
const TAIL = 0.005;
/** A few values a column at least, so that a small tensor is no comb. */
const MOST_COLUMNS = 120;
const LEAST_COLUMNS = 24;
/** Integers that span no more than this get a column each. */
const INTEGER_COLUMNS = 300;

/** Columns to draw; undefined when there are no finite values. */
export function histogramColumns(
  distribution: Distribution,
  isInteger: boolean,
  range: 'all' | 'middle',
  columns?: number,
): Columns | undefined {
  const { low, high, counts } = distribution;
  if (counts.length === 0) return undefined;
  const [from, to] =
    range === 'all'
      ? [low[0] as number, high[high.length - 1] as number]
      : [quantileOf(distribution, TAIL) as number, quantileOf(distribution, 1 - TAIL) as number];
  const total = counts.reduce((sum, count) => sum + count, 0);
  const wanted = columns ?? Math.round(Math.min(MOST_COLUMNS, Math.max(LEAST_COLUMNS, 3 * Math.sqrt(total))));
  const finish = (columnsOf: Omit<Columns, 'outside'>): Columns => ({
    ...columnsOf,
    outside: Math.max(0, Math.round(total - columnsOf.counts.reduce((sum, count) => sum + count, 0))),
  });
  const [first, last] = [Math.ceil(from), Math.floor(to)];
  if (isInteger && last - first < INTEGER_COLUMNS) {
    const [start, end] = [first - 0.5, last + 0.5];
    return finish({
      counts: countColumns(distribution, start, end, last - first + 1),
      from: start,
      to: end,
      firstInteger: first,
    });
  }
  // One value alone stands in the middle.
  const margin = from === to ? Math.max(Math.abs(from) * 0.5, 0.5) : 0;
  return finish({
    counts: countColumns(distribution, from - margin, to + margin, margin > 0 ? 61 : wanted),
    from: from - margin,
    to: to + margin,
  });
}
