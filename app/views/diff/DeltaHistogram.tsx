import { useMemo, useState } from 'react';
import type { Distribution } from '../../../src-core/index.ts';
import type { SideNames } from '../../state/pair-parts.ts';
import { Card } from '../../ui/Card.tsx';
import { exactCount } from '../../ui/format.ts';
import { Histogram } from '../../ui/Histogram.tsx';
import { histogramColumns } from '../histogram-columns.ts';
import { type CountScale, type HistogramRange, HistogramTools } from '../histogram-tools.tsx';
import s from './diff.module.css';

interface DeltaHistogramProps {
  readonly distribution: Distribution;
  readonly isInteger: boolean;
  readonly names: SideNames;
}

/** How often each difference occurs. */
export function DeltaHistogram({ distribution, isInteger, names }: DeltaHistogramProps) {
  // Most values of two stages of one training differ little: on a linear scale the rest is not seen.
  const [scale, setScale] = useState<CountScale>('log');
  const [range, setRange] = useState<HistogramRange>('all');
  const columns = useMemo(() => histogramColumns(distribution, isInteger, range), [distribution, isInteger, range]);
  if (!columns) return null;
  return (
    <Card title="Distribution of Δ">
      <div className={s.tools}>
        <HistogramTools of="differences" scale={scale} range={range} onScale={setScale} onRange={setRange} />
      </div>
      <Histogram
        label="Histogram of differences"
        {...columns}
        scale={scale}
        hint={
          columns.outside > 0
            ? `${exactCount(columns.outside)} lie outside`
            : `How often each difference ${names[1]} − ${names[0]} occurs`
        }
      />
    </Card>
  );
}
