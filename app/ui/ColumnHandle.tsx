import type { KeyboardEvent, PointerEvent } from 'react';
import { followPointer } from './follow-pointer.ts';
import s from './grid.module.css';

interface ColumnHandleProps {
  readonly label: string;
  readonly width: number;
  readonly min: number;
  /** Which edge of its column it sits on: dragging away from the column widens it. */
  readonly edge: 'start' | 'end';
  readonly onResize: (width: number) => void;
}

const STEP = 8;

/** The line between two heads: drag it, or move it with the arrow keys. */
export function ColumnHandle({ label, width, min, edge, onResize }: ColumnHandleProps) {
  const sign = edge === 'start' ? -1 : 1;
  const drag = (event: PointerEvent<HTMLSpanElement>) =>
    followPointer(event, (across) => onResize(Math.max(min, Math.round(width + sign * across))));
  const onKeyDown = (event: KeyboardEvent) => {
    const direction = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (direction === 0) return;
    event.preventDefault();
    event.stopPropagation();
    onResize(Math.max(min, width + sign * direction * STEP));
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a focusable separator is a widget; an <hr> is not
    <span
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={`Width of ${label}`}
      aria-valuenow={width}
      aria-valuemin={min}
      aria-valuemax={480}
      className={s.handle}
      data-edge={edge}
      onPointerDown={drag}
      onKeyDown={onKeyDown}
    />
  );
}
