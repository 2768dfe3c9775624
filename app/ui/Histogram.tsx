import { ChartFrame, PLOT_HEIGHT, PLOT_WIDTH } from './ChartFrame.tsx';
import s from './chart.module.css';
import { linearTicks, logHeight, logTicks, valueText } from './chart-scale.ts';
import { shortCount } from './format.ts';

interface HistogramProps {
  readonly label: string;
  readonly counts: ArrayLike<number>;
  readonly from: number;
  readonly to: number;
  readonly scale: 'linear' | 'log';
  /** Columns stand for whole numbers: the first for this one, the next for one more. */
  readonly firstInteger?: number | undefined;
  readonly hint: string;
  readonly height?: number;
}

export function Histogram({ label, counts, from, to, scale, firstInteger, hint, height }: HistogramProps) {
  const most = Array.from(counts).reduce((a, b) => Math.max(a, b), 0);
  const total = Array.from(counts).reduce((a, b) => a + b, 0);
  const heightOf = (count: number) => (scale === 'log' ? logHeight(count, most) : most > 0 ? count / most : 0);
  const width = (to - from) / counts.length;
  const describe = (i: number) => {
    const count = counts[i] ?? 0;
    // A bin that spans several columns is shared between them.
    const words = Number.isInteger(count) ? shortCount(count) : `about ${shortCount(Math.round(count))}`;
    const place =
      firstInteger === undefined
        ? `${valueText(from + i * width, 4)} to ${valueText(from + (i + 1) * width, 4)}`
        : valueText(firstInteger + i);
    return `${place}: ${words} (${((count / Math.max(total, 1)) * 100).toPrecision(3)} %)`;
  };
  return (
    <ChartFrame
      label={label}
      count={counts.length}
      x={linearTicks(from, to, 5)}
      y={scale === 'log' ? logTicks(most, 5, shortCount) : linearTicks(0, most, 4, shortCount)}
      describe={describe}
      hint={hint}
      places="columns"
      {...(height !== undefined && { height })}
    >
      <path className={s.bars} d={barsPath(counts, heightOf)} />
    </ChartFrame>
  );
}

/** One outline for all columns: neighbours of equal width, no gaps. */
export function barsPath(counts: ArrayLike<number>, heightOf: (count: number) => number): string {
  const width = PLOT_WIDTH / counts.length;
  let path = `M0 ${PLOT_HEIGHT}`;
  for (let i = 0; i < counts.length; i++) {
    path += `V${(PLOT_HEIGHT * (1 - heightOf(counts[i]!))).toFixed(3)}H${((i + 1) * width).toFixed(3)}`;
  }
  return `${path}V${PLOT_HEIGHT}Z`;
}
