import { useId, useMemo, useState } from 'react';
import { type DepthSeries, listSeries } from '../../state/depth.ts';
import type { ComparedDocument } from '../../state/engine.ts';
import { useDeltas } from '../../state/pairs.ts';
import { goTo } from '../../state/workspace.ts';
import { Card } from '../../ui/Card.tsx';
import { ChartFrame, PLOT_HEIGHT, PLOT_WIDTH } from '../../ui/ChartFrame.tsx';
import c from '../../ui/chart.module.css';
import { linearTicks, valueText } from '../../ui/chart-scale.ts';
import { Segments } from '../../ui/Segments.tsx';
import s from './comparison.module.css';

const METRICS = { rel: 'Relative L2', delta: 'Max |Δ|', deltaMean: 'Mean |Δ|' } as const;
type Metric = keyof typeof METRICS;

interface DepthChangeProps {
  readonly comparison: ComparedDocument;
  readonly node: number;
}

/** How far apart the same tensor of every block is: where along its depth a model changed. Nothing where no blocks repeat. */
export function DepthChange({ comparison, node }: DepthChangeProps) {
  const series = useMemo(() => listSeries(comparison.tree, node), [comparison.tree, node]);
  return series.length > 0 ? <DepthCard key={node} comparison={comparison} series={series} /> : null;
}

interface DepthCardProps {
  readonly comparison: ComparedDocument;
  readonly series: readonly DepthSeries[];
}

function DepthCard({ comparison, series }: DepthCardProps) {
  const [metric, setMetric] = useState<Metric>('rel');
  const [at, setAt] = useState(0);
  const selectId = useId();
  const deltas = useDeltas(comparison);
  const chosen = series[at] ?? series[0]!;
  const { tree } = comparison;
  const values = chosen.nodes.map((node) => deltas.numberOf(tree.entry[node]!, metric));
  const known = values.filter(Number.isFinite);
  const to = Math.max(...known, Number.MIN_VALUE);
  const write = (value: number) => valueText(value, 3);
  const last = Math.max(1, values.length - 1);
  const xOf = (i: number) => (values.length === 1 ? 0.5 : i / last) * PLOT_WIDTH;
  const yOf = (value: number) => PLOT_HEIGHT * (1 - value / to);
  return (
    <Card title="Change over depth" wide>
      <div className={s.tools}>
        <Segments
          label="Figure over depth"
          value={metric}
          options={Object.entries(METRICS) as [Metric, string][]}
          onChange={setMetric}
        />
        <label htmlFor={selectId} className={s.words}>
          Tensor
        </label>
        <select
          id={selectId}
          className={`mono ${s.select}`}
          value={at}
          onChange={(event) => setAt(Number(event.target.value))}
        >
          {series.map(({ pattern }, i) => (
            <option key={pattern} value={i}>
              {pattern}
            </option>
          ))}
        </select>
      </div>
      <ChartFrame
        label={`${METRICS[metric]} of ${chosen.pattern} over depth`}
        count={values.length}
        x={blockTicks(chosen.labels)}
        y={known.length > 0 ? linearTicks(0, to, 4, write) : []}
        describe={(i) => `${chosen.labels[i]}: ${Number.isNaN(values[i]) ? 'not compared yet' : write(values[i]!)}`}
        hint="Click a block to go there"
        onPick={(i) => goTo(comparison.id, chosen.nodes[i]!)}
        places="points"
        height={150}
      >
        <path className={c.stroke} d={linePath(values, xOf, yOf)} />
      </ChartFrame>
    </Card>
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
