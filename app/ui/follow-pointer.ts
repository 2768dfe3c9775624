import type { PointerEvent } from 'react';

/** Follows a pointer that was pressed on a line between two things until it is let go; told how far it went sideways, in pixels. */
export function followPointer(event: PointerEvent<HTMLElement>, onMove: (across: number) => void): void {
  event.preventDefault();
  const handle = event.currentTarget;
  const from = event.clientX;
  handle.setPointerCapture(event.pointerId);
  const move = (e: globalThis.PointerEvent) => onMove(e.clientX - from);
  const stop = () => {
    handle.removeEventListener('pointermove', move);
    handle.removeEventListener('pointerup', stop);
    handle.removeEventListener('pointercancel', stop);
  };
  handle.addEventListener('pointermove', move);
  handle.addEventListener('pointerup', stop);
  handle.addEventListener('pointercancel', stop);
}
