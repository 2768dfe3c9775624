import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef } from 'react';
import { offsetToShow, type Track, trackOf } from './row-window.ts';
import { useElementSize } from './use-element-size.ts';

export interface CellSizes {
  readonly rows: number;
  readonly columns: number;
  /** Pixels. */
  readonly rowHeight: number;
  readonly columnWidth: number;
  /** Room of what stays in view: titles above, titles at the start. */
  readonly headHeight: number;
  readonly headWidth: number;
  /** Room at the end of each row for more about it; given up where cells would have too little. */
  readonly tailWidth?: number;
}

export interface CellWindow {
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** Pixels of the scrolled element. */
  readonly trackWidth: number;
  readonly trackHeight: number;
  /** Pixels of what is seen at once, titles included. */
  readonly width: number;
  readonly height: number;
  /** What is left of the room at the end: all of it or nothing. */
  readonly tailWidth: number;
  /** Pixels of the cells above and before what is seen: exact, also where the scroll bar is not. */
  offset(): { readonly x: number; readonly y: number };
  /** Brings a cell wholly into view. */
  show(row: number, column: number): void;
  /** Puts what lies at these pixels of all cells at the top and the start. */
  moveTo(x: number, y: number): void;
}

/** Columns that must be seen at once before a row has room for more. */
const LEAST_COLUMNS = 8;

/**
 * A window on millions of rows and columns. What is seen is drawn on a stage that does not scroll, by whoever is told that it
 * moved: nothing renders while one scrolls, and a track longer than browsers allow is only a coarser scroll bar.
 */
export function useCellWindow(sizes: CellSizes, onMove: () => void): CellWindow {
  const { rows, columns, rowHeight, columnWidth, headHeight, headWidth } = sizes;
  const scroller = useRef<HTMLDivElement>(null);
  const at = useRef({ x: 0, y: 0 });
  const size = useElementSize(scroller);
  const wished = sizes.tailWidth ?? 0;
  const tailWidth = size.width - headWidth - wished >= LEAST_COLUMNS * columnWidth ? wished : 0;
  const sides = headWidth + tailWidth;
  const across = trackOf(columns, columnWidth, Math.max(columnWidth, size.width - sides));
  const down = trackOf(rows, rowHeight, Math.max(rowHeight, size.height - headHeight));
  const moved = useRef(onMove);
  moved.current = onMove;

  const moveTo = useCallback(
    (x: number, y: number) => {
      const element = scroller.current;
      if (!element) return;
      at.current = { x: clamp(x, across.maxOffset), y: clamp(y, down.maxOffset) };
      element.scrollLeft = at.current.x / across.scale;
      element.scrollTop = at.current.y / down.scale;
      moved.current();
    },
    [across.maxOffset, across.scale, down.maxOffset, down.scale],
  );

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    at.current = { x: clamp(at.current.x, across.maxOffset), y: clamp(at.current.y, down.maxOffset) };
    const onScroll = () => {
      at.current = {
        x: told(element.scrollLeft, at.current.x, across.scale),
        y: told(element.scrollTop, at.current.y, down.scale),
      };
      moved.current();
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => element.removeEventListener('scroll', onScroll);
  }, [across.maxOffset, across.scale, down.maxOffset, down.scale]);

  useEffect(() => {
    const element = scroller.current;
    if (!element || (across.scale === 1 && down.scale === 1)) return;
    const onWheel = (event: WheelEvent) => {
      if (event.ctrlKey) return;
      event.preventDefault();
      const unit = event.deltaMode === 1 ? rowHeight : 1;
      const [x, y] = event.shiftKey && event.deltaX === 0 ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
      moveTo(at.current.x + x * unit, at.current.y + y * unit);
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [across.scale, down.scale, moveTo, rowHeight]);

  const show = (row: number, column: number): void => {
    const { x, y } = at.current;
    const nextX = offsetToShow(column, x, size.width - sides, columnWidth, 'nearest');
    const nextY = offsetToShow(row, y, size.height - headHeight, rowHeight, 'nearest');
    if (nextX !== x || nextY !== y) moveTo(nextX, nextY);
  };

  return {
    scroller,
    trackWidth: across.height + sides,
    trackHeight: down.height + headHeight,
    width: size.width,
    height: size.height,
    tailWidth,
    offset: () => at.current,
    show,
    moveTo,
  };
}

const clamp = (value: number, max: number): number => Math.min(Math.max(0, value), max);

/** A scroll bar of scaled pixels cannot say where a wheel step went: what was put there is kept when it is the same pixel. */
function told(scrolled: number, exact: number, scale: Track['scale']): number {
  const bar = scrolled * scale;
  return Math.abs(bar - exact) > scale ? bar : exact;
}
