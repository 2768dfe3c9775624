import type { KeyboardEvent, PointerEvent } from 'react';
import { followPointer } from './follow-pointer.ts';
import s from './side-grid.module.css';

interface SplitHandleProps {
  readonly label: string;
  /** Pixels from the left, and of all that is split. */
  readonly at: number;
  readonly room: number;
  /** Percent. */
  readonly value: number;
  readonly onSplit: (percent: number) => void;
}

const STEP = 2;
const [LEAST, MOST, HALF] = [15, 85, 50];

/** The line between two sides: drag it, move it with the arrow keys, double-click it for halves. */
export function SplitHandle({ label, at, room, value, onSplit }: SplitHandleProps) {
  const split = (percent: number) => onSplit(Math.min(MOST, Math.max(LEAST, Math.round(percent * 10) / 10)));
  const drag = (event: PointerEvent<HTMLDivElement>) =>
    followPointer(event, (across) => split(((at + across) / room) * 100));
  const onKeyDown = (event: KeyboardEvent) => {
    const direction = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (direction === 0) return;
    event.preventDefault();
    split(value + direction * STEP);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a focusable separator is a widget; an <hr> is not
    <div
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={Math.round(value)}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      className={s.split}
      style={{ left: at }}
      onPointerDown={drag}
      onKeyDown={onKeyDown}
      onDoubleClick={() => split(HALF)}
    />
  );
}
