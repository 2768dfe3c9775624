import { useEffect, useState } from 'react';
import { cancelComputation, leaveComputation } from '../../state/computations.ts';
import {
  bytesOfSeries,
  computeDepth,
  type DepthPoints,
  type DepthSeries,
  depthKey,
  useDepth,
} from '../../state/depth.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { needsAsking } from '../../state/statistics.ts';
import { goTo } from '../../state/workspace.ts';
import { Card } from '../../ui/Card.tsx';
import { bytesText } from '../../ui/format.ts';
import { Select } from '../../ui/Select.tsx';
import { ComputeBar } from '../ComputeBar.tsx';
import { DepthLine } from './DepthLine.tsx';
import { DepthMultiples } from './DepthMultiples.tsx';
import s from './stats.module.css';

interface DepthCardsProps {
  readonly document: OpenedDocument;
  readonly node: number;
  readonly series: readonly DepthSeries[];
}

/** One tensor across the blocks of a model: a line over depth, and a small histogram of each. */
export function DepthCards({ document, node, series }: DepthCardsProps) {
  const [at, setAt] = useState(() => indexOfLargest(document, series));
  const chosen = series[at] ?? series[0]!;
  const key = depthKey(document, chosen);
  const computation = useDepth(key);
  const bytes = bytesOfSeries(document, chosen);
  const asks = needsAsking(document, bytes);
  useEffect(() => {
    if (!asks) void computeDepth(document, chosen, false);
    return () => leaveComputation(key);
  }, [asks, document, chosen, key]);
  const points = computation?.value ?? chosen.nodes.map(() => undefined);
  const open = (block: number) => goTo(document.id, chosen.nodes[block]!);
  return (
    <Card
      title="Over depth"
      aside={series.length === 1 ? <span className="mono">{chosen.pattern}</span> : undefined}
      wide
    >
      {series.length > 1 && (
        <div className={s.tools}>
          <Select label="Tensor" options={series.map(({ pattern }) => pattern)} value={at} onChange={setAt} />
        </div>
      )}
      <ComputeBar
        label={`${chosen.pattern} over depth`}
        verb={`Compute ${chosen.nodes.length} blocks`}
        bytes={bytes}
        computation={computation}
        result={`${chosen.nodes.length} blocks, ${bytesText(bytes)}`}
        onStart={() => void computeDepth(document, chosen, true)}
        onCancel={() => cancelComputation(key)}
      />
      <DepthBody points={points} series={chosen} selected={chosen.nodes.indexOf(node)} onOpen={open} />
    </Card>
  );
}

/** Weights say more than biases, and have more elements. */
function indexOfLargest(document: OpenedDocument, series: readonly DepthSeries[]): number {
  const bytes = series.map((one) => bytesOfSeries(document, one));
  return bytes.indexOf(Math.max(...bytes));
}

interface DepthBodyProps {
  readonly points: DepthPoints;
  readonly series: DepthSeries;
  readonly selected: number;
  readonly onOpen: (block: number) => void;
}

const DepthBody = (props: DepthBodyProps) => (
  <>
    <DepthLine {...props} />
    <DepthMultiples {...props} />
  </>
);
