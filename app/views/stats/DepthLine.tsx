import { useState } from 'react';
import type { DepthPoint, DepthPoints, DepthSeries } from '../../state/depth.ts';
import { BlockChart } from '../../ui/BlockChart.tsx';
import { valueText } from '../../ui/chart-scale.ts';
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
      <BlockChart
        label={`${METRICS[metric]} of ${series.pattern} over depth`}
        labels={series.labels}
        values={values}
        from={from}
        to={to}
        write={metric === 'zeros' ? percentText : (value) => valueText(value, 4)}
        missing="not read yet"
        selected={selected}
        onPick={onOpen}
      />
    </>
  );
}
