import { useEffect, useMemo, useState } from 'react';
import type { EntryRows } from '../../../src-core/index.ts';
import { cancelComputation, leaveComputation } from '../../state/computations.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { computeRowStatistics, needsAsking, rowsKey, showIndex, useRowStatistics } from '../../state/statistics.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { exactCount, plural } from '../../ui/format.ts';
import { Segments } from '../../ui/Segments.tsx';
import { ComputeBar } from '../ComputeBar.tsx';
import { type RowMetric, RowsChart } from './RowsChart.tsx';
import s from './stats.module.css';
import type { SeenTensor } from './tensor-of.ts';

interface RowsCardProps {
  readonly document: OpenedDocument;
  readonly node: number;
  readonly row: number;
  readonly tensor: SeenTensor;
  readonly name: string;
}

/** Going against the grain of memory is some twenty times slower. */
const ACROSS = 20;

/** Statistics of everything that shares an index: output channels along the first axis, as most layers have them; input channels along the last. */
export function RowsCard({ document, node, row, tensor, name }: RowsCardProps) {
  const { shape, bytes, slowest } = tensor;
  const [axis, setAxis] = useState(0);
  const [metric, setMetric] = useState<RowMetric>('values');
  const [isSorted, setSorted] = useState(false);
  const key = rowsKey(document.id, row, axis);
  const asks = needsAsking(document, axis === slowest ? bytes : bytes * ACROSS);
  useEffect(() => {
    if (!asks) void computeRowStatistics(document.id, row, axis, name, false);
    return () => leaveComputation(key);
  }, [asks, document.id, row, axis, name, key]);
  const computation = useRowStatistics(document.id, row, axis);
  const rows = computation?.value;
  const count = shape[axis] ?? 0;
  const open = (index: number) => showIndex(document, node, shape.length, axis, index);
  const last = shape.length - 1;
  return (
    <Card title="By index" aside={`${exactCount(count)} along axis ${axis}`} wide>
      <div className={s.tools}>
        <Segments
          label="Axis"
          value={String(axis)}
          options={[
            ['0', `Axis 0 (${exactCount(shape[0] ?? 0)})`],
            [String(last), `Axis ${last} (${exactCount(shape[last] ?? 0)})`],
          ]}
          onChange={(next) => setAxis(Number(next))}
        />
        <Segments
          label="Statistic by index"
          value={metric}
          options={[
            ['values', 'Values'],
            ['l2', 'L2'],
            ['zeros', 'Zeros'],
          ]}
          onChange={setMetric}
        />
        <Segments
          label="Order"
          value={isSorted ? 'sorted' : 'index'}
          options={[
            ['index', 'By index'],
            ['sorted', 'Sorted'],
          ]}
          onChange={(next) => setSorted(next === 'sorted')}
        />
      </div>
      <ComputeBar
        label={`Statistics of ${name} along axis ${axis}`}
        verb="Compute by index"
        bytes={bytes}
        computation={computation}
        result={plural(count, 'index', 'indices')}
        onStart={() => void computeRowStatistics(document.id, row, axis, name, true)}
        onCancel={() => cancelComputation(key)}
      />
      {rows ? (
        <RowsChart rows={rows} metric={metric} isSorted={isSorted} onPick={open} />
      ) : (
        <div className={s.blank} style={{ height: 192 }} />
      )}
      {rows && <Oddities rows={rows} onOpen={open} />}
    </Card>
  );
}

/** Listed by name; more than this are counted. */
const LISTED = 24;
const GROUPS = 8;

function Oddities({ rows, onOpen }: { readonly rows: EntryRows; readonly onOpen: (index: number) => void }) {
  const groups = useMemo(
    () =>
      [
        { title: 'All zero', indices: rows.dead },
        { title: 'Constant', indices: rows.constant },
        ...rows.duplicates.slice(0, GROUPS).map((indices) => ({ title: 'Equal', indices })),
      ].filter(({ indices }) => indices.length > 0),
    [rows],
  );
  if (groups.length === 0) return <p className={s.range}>None is all zero, constant or equal to another.</p>;
  return (
    <dl className={s.odd}>
      {groups.map(({ title, indices }) => (
        <div key={`${title} ${indices[0]}`}>
          <dt>{title}</dt>
          <dd>
            {indices.slice(0, LISTED).map((index) => (
              <Button key={index} look="link" className="mono" onClick={() => onOpen(index)}>
                {index}
              </Button>
            ))}
            {indices.length > LISTED && <span>and {exactCount(indices.length - LISTED)} more</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
