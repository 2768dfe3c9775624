import { useMemo, useState } from 'react';
import { type DepthSeries, listSeries } from '../../state/depth.ts';
import type { ComparedDocument } from '../../state/engine.ts';
import { useDeltas } from '../../state/pairs.ts';
import { goTo } from '../../state/workspace.ts';
import { BlockChart } from '../../ui/BlockChart.tsx';
import { Card } from '../../ui/Card.tsx';
import { valueText } from '../../ui/chart-scale.ts';
import { Segments } from '../../ui/Segments.tsx';
import { Select } from '../../ui/Select.tsx';
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
  const deltas = useDeltas(comparison);
  const chosen = series[at] ?? series[0]!;
  const { tree } = comparison;
  const values = chosen.nodes.map((node) => deltas.numberOf(tree.entry[node]!, metric));
  return (
    <Card title="Change over depth" wide>
      <div className={s.tools}>
        <Segments
          label="Figure over depth"
          value={metric}
          options={Object.entries(METRICS) as [Metric, string][]}
          onChange={setMetric}
        />
        <Select label="Tensor" options={series.map(({ pattern }) => pattern)} value={at} onChange={setAt} />
      </div>
      <BlockChart
        label={`${METRICS[metric]} of ${chosen.pattern} over depth`}
        labels={chosen.labels}
        values={values}
        from={0}
        to={Math.max(...values.filter(Number.isFinite), Number.MIN_VALUE)}
        write={(value) => valueText(value, 3)}
        missing="not compared yet"
        onPick={(i) => goTo(comparison.id, chosen.nodes[i]!)}
      />
    </Card>
  );
}
