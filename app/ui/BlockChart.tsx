import { ChartFrame, PLOT_HEIGHT, PLOT_WIDTH } from './ChartFrame.tsx';
import c from './chart.module.css';
import { linearTicks } from './chart-scale.ts';

interface BlockChartProps {
  readonly label: string;
  /** One for each block. */
  readonly labels: readonly string[];
  /** NaN where one is not known. */
  readonly values: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly write: (value: number) => string;
  /** Said of a block without a value. */
  readonly missing: string;
  /** -1 for none. */
  readonly selected?: number;
  readonly onPick: (block: number) => void;
}

/** One figure of every block of a model, as a line over its depth. */
export function BlockChart({
  label,
  labels,
  values,
  from,
  to,
  write,
  missing,
  selected = -1,
  onPick,
}: BlockChartProps) {
  const last = Math.max(1, values.length - 1);
  const xOf = (i: number) => (values.length === 1 ? 0.5 : i / last) * PLOT_WIDTH;
  const yOf = (value: number) => PLOT_HEIGHT * (1 - (value - from) / (to - from));
  return (
    <ChartFrame
      label={label}
      count={values.length}
      x={blockTicks(labels)}
      y={values.some(Number.isFinite) ? linearTicks(from, to, 4, write) : []}
      describe={(i) => `${labels[i]}: ${Number.isNaN(values[i] ?? Number.NaN) ? missing : write(values[i]!)}`}
      hint="Click a block to go there"
      onPick={onPick}
      places="points"
      height={150}
    >
      {selected >= 0 && <line className={c.mark} x1={xOf(selected)} x2={xOf(selected)} y1={0} y2={PLOT_HEIGHT} />}
      <path className={c.stroke} d={linePath(values, xOf, yOf)} />
    </ChartFrame>
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
