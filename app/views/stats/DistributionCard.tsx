import { useMemo, useState } from 'react';
import { type DType, type EntryStats, familyOf } from '../../../src-core/index.ts';
import { Card } from '../../ui/Card.tsx';
import { valueText } from '../../ui/chart-scale.ts';
import { exactCount, percentText } from '../../ui/format.ts';
import { Histogram } from '../../ui/Histogram.tsx';
import { Segments } from '../../ui/Segments.tsx';
import { type Columns, histogramColumns } from '../histogram-columns.ts';
import { type CountScale, type HistogramRange, HistogramTools } from '../histogram-tools.tsx';
import s from './stats.module.css';

interface DistributionCardProps {
  readonly found: EntryStats | undefined;
  readonly dtype: DType;
}

const HEIGHT = 190;
/** With the line above and the axis below. */
const BODY = HEIGHT + 42;

export function DistributionCard({ found, dtype }: DistributionCardProps) {
  const [scale, setScale] = useState<CountScale>('linear');
  const [range, setRange] = useState<HistogramRange>('all');
  const [face, setFace] = useState<'chart' | 'table'>('chart');
  const stats = found?.stats;
  const isInteger = ['int', 'uint', 'bool'].includes(familyOf(dtype));
  const columns = useMemo(
    () => stats && histogramColumns(stats.distribution, isInteger, range, face === 'table' ? 24 : undefined),
    [stats, isInteger, range, face],
  );
  return (
    <Card title="Distribution" aside={found?.interim ? 'so far' : undefined} wide>
      <div className={s.tools}>
        <Segments
          label="Show the distribution as"
          value={face}
          options={[
            ['chart', 'Chart'],
            ['table', 'Table'],
          ]}
          onChange={setFace}
        />
        <HistogramTools of="values" scale={scale} range={range} onScale={setScale} onRange={setRange} />
      </div>
      {columns && face === 'chart' && (
        <Histogram
          label="Histogram of values"
          {...columns}
          scale={scale}
          hint={
            columns.outside > 0
              ? `${exactCount(columns.outside)} values lie outside, from ${valueText(stats?.min ?? 0)} to ${valueText(stats?.max ?? 0)}`
              : 'How often each value occurs'
          }
          height={HEIGHT}
        />
      )}
      {columns && face === 'table' && <BinTable columns={columns} />}
      {!columns && (
        <div className={s.blank} style={{ height: BODY }}>
          {stats ? 'No finite values' : ''}
        </div>
      )}
    </Card>
  );
}

/** The same columns in words. */
function BinTable({ columns }: { readonly columns: Columns }) {
  const { counts, from, to, firstInteger } = columns;
  const width = (to - from) / counts.length;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const bins = Array.from(counts, (count, i) => ({
    values:
      firstInteger === undefined
        ? `${valueText(from + i * width, 6)} to ${valueText(from + (i + 1) * width, 6)}`
        : valueText(firstInteger + i),
    count,
  }));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <section className={s.scroll} style={{ height: BODY }} tabIndex={0} aria-label="Table of the distribution">
      <table className={`numbers ${s.table}`}>
        <thead>
          <tr>
            <th scope="col">Values</th>
            <th scope="col">Count</th>
            <th scope="col">Share</th>
          </tr>
        </thead>
        <tbody>
          {bins.map(({ values, count }) => (
            <tr key={values}>
              <th scope="row">{values}</th>
              <td>{exactCount(Math.round(count))}</td>
              <td>{percentText(count / Math.max(1, total))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
