import { type KeyboardEvent, type PointerEvent, type ReactNode, useState } from 'react';
import s from './chart.module.css';
import type { Tick } from './chart-scale.ts';

/** Width and height of the drawing, whatever the chart's size on screen: lines keep their width. */
export const PLOT_WIDTH = 1000;
export const PLOT_HEIGHT = 100;

interface ChartFrameProps {
  /** What is drawn, for those who do not see it. */
  readonly label: string;
  /** Places along the chart: columns or points. */
  readonly count: number;
  readonly x: readonly Tick[];
  readonly y: readonly Tick[];
  /** One place in words: shown above the chart, and read out. */
  readonly describe: (index: number) => string;
  /** Shown above the chart while nothing is pointed at. */
  readonly hint: ReactNode;
  /** Click or Enter on a place. */
  readonly onPick?: ((index: number) => void) | undefined;
  /** Whether places are columns with a width, or points from edge to edge. */
  readonly places: 'columns' | 'points';
  readonly height?: number;
  /** SVG of a drawing PLOT_WIDTH wide and PLOT_HEIGHT high, its origin at the top left. */
  readonly children: ReactNode;
}

/** Axes, grid and a cursor that follows the pointer and the arrow keys. What is drawn comes from outside. */
export function ChartFrame(props: ChartFrameProps) {
  const { label, count, x, y, describe, hint, onPick, places, height = 180, children } = props;
  const [at, setAt] = useState<number | null>(null);
  const cursor = at === null || count === 0 ? null : Math.min(at, count - 1);
  const last = Math.max(0, count - 1);

  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const part = (event.clientX - box.left) / box.width;
    const place = places === 'columns' ? Math.floor(part * count) : Math.round(part * last);
    setAt(Math.max(0, Math.min(last, place)));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: (cursor ?? -1) + 1,
      ArrowUp: (cursor ?? -1) + 1,
      ArrowLeft: (cursor ?? 1) - 1,
      ArrowDown: (cursor ?? 1) - 1,
      PageUp: (cursor ?? 0) + Math.ceil(count / 10),
      PageDown: (cursor ?? 0) - Math.ceil(count / 10),
      Home: 0,
      End: last,
    };
    const next = steps[event.key];
    if (next !== undefined) setAt(Math.max(0, Math.min(last, next)));
    else if (event.key === 'Enter' && cursor !== null && onPick) onPick(cursor);
    else if (event.key === 'Escape' && cursor !== null) setAt(null);
    else return;
    event.preventDefault();
  };

  return (
    <figure className={s.chart}>
      <p className={`numbers ${s.readout}`} data-pointed={cursor !== null || undefined}>
        {cursor === null ? hint : describe(cursor)}
      </p>
      <div className={s.frame} style={{ height }}>
        <div className={`numbers ${s.y}`} aria-hidden="true">
          {y.map((tick) => (
            <span key={tick.text} style={{ bottom: `${tick.at * 100}%` }}>
              {tick.text}
            </span>
          ))}
        </div>
        <div
          className={s.plot}
          role="slider"
          tabIndex={0}
          aria-label={label}
          aria-valuemin={0}
          aria-valuemax={last}
          aria-valuenow={cursor ?? 0}
          aria-valuetext={cursor === null ? 'nothing pointed at' : describe(cursor)}
          data-picks={onPick && cursor !== null ? true : undefined}
          onPointerMove={onPointerMove}
          onPointerDown={onPointerMove}
          onPointerLeave={() => setAt(null)}
          onKeyDown={onKeyDown}
          onClick={() => cursor !== null && onPick?.(cursor)}
        >
          {y.map((tick) => (
            <i key={tick.text} className={s.line} style={{ bottom: `${tick.at * 100}%` }} />
          ))}
          <svg
            aria-hidden="true"
            viewBox={`0 0 ${PLOT_WIDTH} ${PLOT_HEIGHT}`}
            preserveAspectRatio="none"
            className={s.drawing}
          >
            {children}
          </svg>
          {cursor !== null && (
            <i
              className={s.cursor}
              data-places={places}
              style={
                places === 'columns'
                  ? { left: `${(cursor / count) * 100}%`, width: `${100 / count}%` }
                  : { left: `${(last === 0 ? 0.5 : cursor / last) * 100}%` }
              }
            />
          )}
        </div>
      </div>
      <div className={`numbers ${s.x}`} aria-hidden="true">
        {x.map((tick) => (
          <span
            key={`${tick.at} ${tick.text}`}
            data-edge={tick.at < 0.04 ? 'start' : tick.at > 0.96 ? 'end' : undefined}
            style={{ left: `${tick.at * 100}%` }}
          >
            {tick.text}
          </span>
        ))}
      </div>
    </figure>
  );
}
