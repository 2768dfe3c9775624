/**
 * Which rows of a very long list are on screen, and where. Browsers cap an element's height (Chrome 33.5 million pixels,
 * Firefox 17.9 million): past MAX_TRACK the scroll bar covers the list at a smaller scale.
 */
const MAX_TRACK = 12_000_000;

export interface Track {
  /** Pixels of the scrolled element. */
  readonly height: number;
  /** Pixels of the list per pixel of the scroll bar; 1 unless the list is too long. */
  readonly scale: number;
  /** The largest offset into the list, in pixels of the list. */
  readonly maxOffset: number;
}

export function trackOf(count: number, rowHeight: number, viewport: number): Track {
  const full = count * rowHeight;
  const maxOffset = Math.max(0, full - viewport);
  if (full <= MAX_TRACK) return { height: full, scale: 1, maxOffset };
  return { height: MAX_TRACK, scale: maxOffset / (MAX_TRACK - viewport), maxOffset };
}

/** Rows [start, end) that touch the viewport, with some more on both sides. */
export function rowsAt(
  offset: number,
  viewport: number,
  rowHeight: number,
  count: number,
  overscan: number,
): readonly [start: number, end: number] {
  const start = Math.max(0, Math.floor(offset / rowHeight) - overscan);
  const end = Math.min(count, Math.ceil((offset + viewport) / rowHeight) + overscan);
  return [Math.min(start, end), end];
}

/** The offset nearest to `offset` at which a row is wholly in view. */
export function offsetToShow(
  index: number,
  offset: number,
  viewport: number,
  rowHeight: number,
  place: 'nearest' | 'centre',
): number {
  const top = index * rowHeight;
  const inView = top >= offset && top + rowHeight <= offset + viewport;
  if (inView) return offset;
  if (place === 'centre') return Math.max(0, top - (viewport - rowHeight) / 2);
  return top < offset ? top : top + rowHeight - viewport;
}
