import { useState } from 'react';
import type { DepthPoint, DepthPoints, DepthSeries } from '../../state/depth.ts';
import { ChartFrame, PLOT_HEIGHT, PLOT_WIDTH } from '../../ui/ChartFrame.tsx';
import c from '../../ui/chart.module.css';
import { linearTicks, valueText } from '../../ui/chart-scale.ts';
import { percentText } from '../../ui/format.ts';
import { Segments } from '../../ui/Segments.tsx';
import s from './stats.module.css';

const METRICS = {
  std: 'Std',
  mean: 'Mean',
  absmax: 'Max |x|',
  l2: 'L2',
  zeros: 'Zeros',
} as const;
type Metric = keyof typeof METRICS;

const metricOf = (point: DepthPoint | undefined, metric: Metric): number => {
  if (!point) return Number.NaN;
  if (metric === 'zeros') return point.stats.zeros / Math.max(1, point.stats.count);
  return point.stats[metric] ?? Number.NaN;
};

interface DepthLineProps {
  readonly points: DepthPoints;
  readonly series: DepthSeries;
  readonly selected: number;
  readonly onOpen: (block: number) => void;
}

export function DepthLine({ points, series, selected, onOpen }: DepthLineProps) {
  const [metric, setMetric] = useState<Metric>('std');
  const values = points.map((point) => metricOf(point, metric));
  const known = values.filter(Number.isFinite);
  // Amounts stand on 0; only the mean has two sides.
  const from = Math.min(0, ...known);
  const to = Math.max(...known, from + Number.MIN_VALUE, metric === 'mean' ? 0 : from);
  const write = metric === 'zeros' ? percentText : (value: number) => valueText(value, 4);
  const last = Math.max(1, values.length - 1);
  const xOf = (i: number) => (values.length === 1 ? 0.5 : i / last) * PLOT_WIDTH;
  const yOf = (value: number) => PLOT_HEIGHT * (1 - (value - from) / (to - from));
  return (
    <>
      <div className={s.tools}>
        <Segments
          label="Statistic over depth"
          value={metric}
          options={Object.entries(METRICS) as [Metric, string][]}
          onChange={setMetric}
        />
      </div>
      <ChartFrame
        label={`${METRICS[metric]} of ${series.pattern} over depth`}
        count={values.length}
        x={blockTicks(series.labels)}
        y={known.length > 0 ? linearTicks(from, to, 4, write) : []}
        describe={(i) =>
          `${series.labels[i]}: ${values[i] === undefined || Number.isNaN(values[i]) ? 'not read yet' : write(values[i])}`
        }
        hint="Click a block to go there"
        onPick={onOpen}
        places="points"
        height={150}
      >
        {selected >= 0 && <line className={c.mark} x1={xOf(selected)} x2={xOf(selected)} y1={0} y2={PLOT_HEIGHT} />}
        <path className={c.stroke} d={linePath(values, xOf, yOf)} />
      </ChartFrame>
    </>
  );
}

/** Breaks where a value is missing; a lone value is a dot. */
function linePath(values: readonly number[], xOf: (i: number) => number, yOf: (value: number) => number): string {
  let path = '';
  values.forEach((value, i) => {
    if (!Number.isFinite(value)) return;
    const isStart = i === 0 || !Number.isFinite(values[i - 1]);
    path += `${isStart ? 'M' : 'L'}${xOf(i).toFixed(2)} ${yOf(value).toFixed(3)}`;
    if (isStart && !Number.isFinite(values[i + 1])) path += 'h0.01';
  });
  return path;
}

const MOST_TICKS = 12;

function blockTicks(labels: readonly string[]) {
  const step = Math.ceil(labels.length / MOST_TICKS);
  const last = Math.max(1, labels.length - 1);
  return labels.flatMap((text, i) => (i % step === 0 ? [{ at: labels.length === 1 ? 0.5 : i / last, text }] : []));
}
