import type { KeyboardEvent, PointerEvent } from 'react';
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
  const drag = (event: PointerEvent<HTMLSpanElement>) => {
    event.preventDefault();
    const handle = event.currentTarget;
    const from = event.clientX;
    handle.setPointerCapture(event.pointerId);
    const move = (e: globalThis.PointerEvent) => onResize(Math.max(min, Math.round(width + sign * (e.clientX - from))));
    const stop = () => {
      handle.removeEventListener('pointermove', move);
      handle.removeEventListener('pointerup', stop);
      handle.removeEventListener('pointercancel', stop);
    };
    handle.addEventListener('pointermove', move);
    handle.addEventListener('pointerup', stop);
    handle.addEventListener('pointercancel', stop);
  };
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
