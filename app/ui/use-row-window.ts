import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { offsetToShow, rowsAt, trackOf } from './row-window.ts';
import { useElementSize } from './use-element-size.ts';

export interface RowWindow {
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** Pixels of the element that holds the rows. */
  readonly height: number;
  readonly start: number;
  readonly end: number;
  /** Pixels of a row from the top of that element. */
  topOf(index: number): number;
  show(index: number, place?: 'nearest' | 'centre'): void;
  /** Rows drawn at most: row `index` may take the place of row `index - slots`, whose elements are then used again. */
  readonly slots: number;
  /** Whole rows on a page. */
  readonly page: number;
  /** Pixels across, without the scroll bar. */
  readonly width: number;
}

/** Rows drawn beyond each edge: enough for a step of the wheel; more only makes every frame of a long scroll dearer. */
const OVERSCAN = 5;

/** Rows are made for a list of this height while nobody knows its own. */
const FIRST_SIZE = { width: 0, height: 600 };

/** Windows a list of equal rows under a head that stays in view. Renders only when other rows come into the window. */
export function useRowWindow(count: number, rowHeight: number, headHeight: number): RowWindow {
  const scroller = useRef<HTMLDivElement>(null);
  /** Exact offset into the list: finer than the scroll bar when the track is scaled. */
  const offset = useRef(0);
  const size = useElementSize(scroller, FIRST_SIZE);
  const viewport = Math.max(rowHeight, size.height - headHeight);
  const track = trackOf(count, rowHeight, viewport);
  const [[start, end, scrollTop], setWindow] = useState<readonly [number, number, number]>(() => [
    ...rowsAt(0, viewport, rowHeight, count, OVERSCAN),
    0,
  ]);

  const place = useCallback(
    (scrollTop: number) => {
      const [a, b] = rowsAt(offset.current, viewport, rowHeight, count, OVERSCAN);
      const pinned = track.scale === 1 ? 0 : scrollTop;
      setWindow((old) => (old[0] === a && old[1] === b && old[2] === pinned ? old : [a, b, pinned]));
    },
    [count, rowHeight, track.scale, viewport],
  );

  const moveTo = useCallback(
    (next: number) => {
      const element = scroller.current;
      if (!element) return;
      offset.current = Math.min(Math.max(0, next), track.maxOffset);
      element.scrollTop = offset.current / track.scale;
      place(element.scrollTop);
    },
    [place, track.maxOffset, track.scale],
  );

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    offset.current = Math.min(offset.current, track.maxOffset);
    place(element.scrollTop);
    const onScroll = () => {
      // A scroll bar of scaled pixels cannot say where a wheel step went: what moveTo wrote is kept when it is the same pixel.
      const told = element.scrollTop * track.scale;
      if (Math.abs(told - offset.current) > track.scale) offset.current = told;
      place(element.scrollTop);
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => element.removeEventListener('scroll', onScroll);
  }, [place, track.maxOffset, track.scale]);

  useEffect(() => {
    const element = scroller.current;
    if (!element || track.scale === 1) return;
    const onWheel = (event: WheelEvent) => {
      if (event.ctrlKey || event.deltaY === 0) return;
      event.preventDefault();
      moveTo(offset.current + (event.deltaMode === 1 ? event.deltaY * rowHeight : event.deltaY));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [moveTo, rowHeight, track.scale]);

  const show = useCallback(
    (index: number, where: 'nearest' | 'centre' = 'nearest') => {
      const next = offsetToShow(index, offset.current, viewport, rowHeight, where);
      if (next !== offset.current) moveTo(next);
    },
    [moveTo, rowHeight, viewport],
  );

  return {
    scroller,
    height: track.height,
    start,
    end: Math.min(end, count),
    topOf: (index) => (track.scale === 1 ? index * rowHeight : scrollTop + index * rowHeight - offset.current),
    show,
    slots: Math.max(end - start, Math.ceil(viewport / rowHeight) + 2 * OVERSCAN + 2),
    page: Math.max(1, Math.floor(viewport / rowHeight) - 1),
    width: size.width,
  };
}
