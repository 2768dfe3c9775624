import { useMemo } from 'react';
import type { EntryRows } from '../../../src-core/index.ts';
import { ChartFrame, PLOT_HEIGHT, PLOT_WIDTH } from '../../ui/ChartFrame.tsx';
import c from '../../ui/chart.module.css';
import { linearTicks, valueText } from '../../ui/chart-scale.ts';
import { exactCount, percentText } from '../../ui/format.ts';
import { orderRows, type RowBucket, rowBuckets } from './row-buckets.ts';

export type RowMetric = 'values' | 'l2' | 'zeros';

interface RowsChartProps {
  readonly rows: EntryRows;
  readonly metric: RowMetric;
  readonly isSorted: boolean;
  readonly onPick: (index: number) => void;
}

const HEIGHT = 150;

/** Smallest to largest and a standard deviation around the mean, or one number, for each index. */
export function RowsChart({ rows, metric, isSorted, onPick }: RowsChartProps) {
  const { stats, rowLength } = rows;
  const order = useMemo(
    () => (isSorted ? orderRows(metric === 'values' ? stats.mean : stats[metric]) : undefined),
    [stats, metric, isSorted],
  );
  const buckets = useMemo(() => rowBuckets(stats, order), [stats, order]);
  const scaled = (value: number) => (metric === 'zeros' ? value / Math.max(1, rowLength) : value);
  const lows = buckets.map((bucket) => (metric === 'values' ? bucket.min : 0)).filter(Number.isFinite);
  const highs = buckets
    .map((bucket) => (metric === 'values' ? bucket.max : scaled(bucket[metric])))
    .filter(Number.isFinite);
  const from = Math.min(0, ...lows);
  const to = Math.max(from + Number.MIN_VALUE, ...highs);
  const write = metric === 'zeros' ? percentText : (value: number) => valueText(value, 4);
  const last = Math.max(1, buckets.length - 1);
  const xOf = (i: number) => ((buckets.length === 1 ? 0.5 : i / last) * PLOT_WIDTH).toFixed(2);
  const yOf = (value: number) => (PLOT_HEIGHT * (1 - (value - from) / (to - from))).toFixed(3);
  const band = (low: (b: RowBucket) => number, high: (b: RowBucket) => number) => {
    const seen = buckets.map((bucket, i) => ({ bucket, i })).filter(({ bucket }) => Number.isFinite(bucket.mean));
    if (seen.length === 0) return '';
    const there = seen.map(({ bucket, i }) => `${xOf(i)} ${yOf(high(bucket))}`);
    const back = seen.toReversed().map(({ bucket, i }) => `${xOf(i)} ${yOf(low(bucket))}`);
    return `M${there.join('L')}L${back.join('L')}Z`;
  };
  const line = (value: (b: RowBucket) => number) =>
    buckets
      .map((bucket, i) => ({ y: value(bucket), i }))
      .filter(({ y }) => Number.isFinite(y))
      .map(({ y, i }, at) => `${at === 0 ? 'M' : 'L'}${xOf(i)} ${yOf(y)}`)
      .join('');
  const describe = (i: number) => {
    const bucket = buckets[i];
    if (!bucket) return '';
    const name =
      bucket.count === 1
        ? `Index ${exactCount(bucket.first)}`
        : `${exactCount(bucket.count)} from index ${exactCount(bucket.first)}`;
    if (metric !== 'values') return `${name}: ${write(scaled(bucket[metric]))}`;
    const { mean, std, min, max } = bucket;
    return `${name}: mean ${valueText(mean, 4)} ± ${valueText(std, 4)}, from ${valueText(min, 4)} to ${valueText(max, 4)}`;
  };
  const count = stats.rows;
  return (
    <ChartFrame
      label={
        metric === 'values'
          ? 'Mean, deviation and range by index'
          : `${metric === 'l2' ? 'L2 norm' : 'Share of zeros'} by index`
      }
      count={buckets.length}
      x={isSorted ? [] : linearTicks(0, Math.max(1, count - 1), Math.min(6, count - 1), exactCount)}
      y={linearTicks(from, to, 4, write)}
      describe={describe}
      hint={metric === 'values' ? 'Mean ± standard deviation, smallest to largest' : 'Click an index to see its values'}
      onPick={(i) => buckets[i] && onPick(buckets[i].first)}
      places="points"
      height={HEIGHT}
    >
      {metric === 'values' ? (
        <>
          <path
            className={c.faintBand}
            d={band(
              (b) => b.min,
              (b) => b.max,
            )}
          />
          <path
            className={c.band}
            d={band(
              (b) => Math.max(b.min, b.mean - b.std),
              (b) => Math.min(b.max, b.mean + b.std),
            )}
          />
          <path className={c.stroke} d={line((b) => b.mean)} />
        </>
      ) : (
        <path className={c.stroke} d={line((b) => scaled(b[metric]))} />
      )}
    </ChartFrame>
  );
}
