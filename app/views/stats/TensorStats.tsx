import { useEffect, useMemo } from 'react';
import { type DType, dtypeLabel, type EntryId } from '../../../src-core/index.ts';
import { cancelComputation, leaveComputation } from '../../state/computations.ts';
import { listSeries } from '../../state/depth.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { computeStatistics, needsAsking, showValuesAt, statisticsKey, useStatistics } from '../../state/statistics.ts';
import { pathText } from '../../state/tree-labels.ts';
import { Card, CardGrid } from '../../ui/Card.tsx';
import { bytesText, shortCount } from '../../ui/format.ts';
import { useSteady } from '../../ui/use-steady.ts';
import { ComputeBar } from '../ComputeBar.tsx';
import type { Target } from '../view.ts';
import { DepthCards } from './DepthCards.tsx';
import { DistributionCard } from './DistributionCard.tsx';
import { Numbers, Quantiles } from './Numbers.tsx';
import { RowsCard } from './RowsCard.tsx';
import type { SeenTensor } from './tensor-of.ts';

interface TensorStatsProps {
  readonly target: Target;
  readonly row: EntryId;
  readonly tensor: SeenTensor;
}

export function TensorStats({ target, row, tensor }: TensorStatsProps) {
  const { document, node } = target;
  const name = pathText(document.tree, node);
  const key = statisticsKey(document.id, row);
  const asks = needsAsking(document, tensor.bytes);
  useEffect(() => {
    if (!asks) void computeStatistics(document.id, row, name, false);
    return () => leaveComputation(key);
  }, [asks, document.id, row, name, key]);

  const computation = useStatistics(document.id, row);
  const hasAnswer = computation?.value !== undefined || computation?.status === 'failed' || (asks && !computation);
  const shown = useSteady({ key, document, node, row, tensor, name, computation }, hasAnswer);
  return <Shown {...shown} />;
}

interface ShownProps {
  readonly document: OpenedDocument;
  readonly node: number;
  readonly row: EntryId;
  readonly tensor: SeenTensor;
  readonly name: string;
  readonly computation: ReturnType<typeof useStatistics>;
}

function Shown({ document, node, row, tensor, name, computation }: ShownProps) {
  const found = computation?.value;
  const series = useMemo(() => listSeries(document.tree, node), [document.tree, node]);
  const { dtype, elements, bytes } = tensor;
  return (
    <CardGrid>
      <ComputeBar
        label={`Statistics of ${name}`}
        verb="Compute"
        bytes={bytes}
        computation={computation}
        result={`${shortCount(elements)} ${dtypeLabel(dtype)} values, ${bytesText(bytes)}`}
        onStart={() => void computeStatistics(document.id, row, name, true)}
        onCancel={() => cancelComputation(statisticsKey(document.id, row))}
      />
      {computation?.status !== 'failed' && (
        <>
          <DistributionCard key={dtype} found={found} dtype={dtype} />
          <Card title="Numbers" aside={found?.interim ? 'so far' : whatOf(found)} wide>
            <Numbers found={found} onShow={(index) => showValuesAt(document, node, index)} />
          </Card>
          <Card title="Quantiles" aside={exactness(dtype, found?.stats?.distribution.exact)} wide>
            <Quantiles found={found} />
          </Card>
          {canSplit(tensor.shape) && (
            <RowsCard key={row} document={document} node={node} row={row} tensor={tensor} name={name} />
          )}
          {series.length > 0 && <DepthCards key={series[0]?.pattern} document={document} node={node} series={series} />}
        </>
      )}
    </CardGrid>
  );
}

/** Rows of one element are the values themselves. */
const canSplit = (shape: readonly number[]): boolean =>
  shape.length > 1 && shape.every((dim) => dim > 0) && shape.reduce((n, dim) => n * dim, 1) > (shape[0] ?? 0);

const whatOf = (found: { readonly of: string } | undefined): string =>
  found && found.of !== 'values' ? `of ${found.of}` : 'NaN and infinities are left out';

/** What a quantile of a type is worth: see the core's `Distribution`. */
function exactness(dtype: DType, exact: boolean | undefined): string {
  if (exact === undefined) return '';
  if (exact) return 'exact: every value is counted';
  const part = dtype === 'f64' || dtype === 'c128' ? '1/16' : '1/128';
  return `counted in bins ${part} of an octave wide`;
}
