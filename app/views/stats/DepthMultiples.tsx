import type { DepthPoint, DepthPoints, DepthSeries } from '../../state/depth.ts';
import c from '../../ui/chart.module.css';
import { valueText } from '../../ui/chart-scale.ts';
import s from './stats.module.css';

interface DepthMultiplesProps {
  readonly points: DepthPoints;
  readonly series: DepthSeries;
  readonly selected: number;
  readonly onOpen: (block: number) => void;
}

/** A histogram for each block over the same values; each is as high as its own fullest column. */
export function DepthMultiples({ points, series, selected, onOpen }: DepthMultiplesProps) {
  const known = points.filter((point) => point !== undefined);
  const from = Math.min(...known.map((point) => point.from));
  const to = Math.max(...known.map((point) => point.to));
  return (
    <>
      <p className={`numbers ${s.range}`}>
        {known.length > 0 ? `Every histogram from ${valueText(from, 3)} to ${valueText(to, 3)}` : ' '}
      </p>
      <ul className={s.multiples}>
        {points.map((point, block) => (
          <li key={series.nodes[block]}>
            <button
              type="button"
              aria-current={block === selected || undefined}
              aria-label={`Block ${series.labels[block]}${point ? `: standard deviation ${valueText(point.stats.std ?? 0, 4)}` : ''}`}
              onClick={() => onOpen(block)}
            >
              <svg viewBox="0 0 100 40" preserveAspectRatio="none" aria-hidden="true">
                {point && <path className={c.bars} d={sketchPath(point, from, to)} />}
              </svg>
              <span className="mono">{series.labels[block]}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function sketchPath(point: DepthPoint, from: number, to: number): string {
  const { counts } = point;
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  const span = to - from || 1;
  const width = (point.to - point.from) / counts.length || 1;
  const xOf = (value: number) => (((value - from) / span) * 100).toFixed(2);
  let path = `M${xOf(point.from)} 40`;
  counts.forEach((count, i) => {
    path += `V${(40 * (1 - count / Math.max(1, most))).toFixed(2)}H${xOf(point.from + (i + 1) * width)}`;
  });
  return `${path}V40Z`;
}
