import { type RefObject, useLayoutEffect, useRef, type WheelEvent } from 'react';

type Side = 'a' | 'b';

export interface Sideways {
  /** The bar of a side: an element as wide as the side that scrolls as far as its content is wide. */
  readonly bars: Readonly<Record<Side, RefObject<HTMLDivElement | null>>>;
  /** A bar was moved. */
  onScroll(side: Side): void;
  /** A wheel goes sideways on the side it is over. */
  onWheel(event: WheelEvent): void;
}

/** Scrolls each of two sides sideways: how far is in `--x-a` and `--x-b` of the frame. */
export function useSideways(
  frame: RefObject<HTMLElement | null>,
  overflows: Readonly<Record<Side, boolean>>,
): Sideways {
  const bars = { a: useRef<HTMLDivElement>(null), b: useRef<HTMLDivElement>(null) };
  const onScroll = (side: Side) =>
    frame.current?.style.setProperty(`--x-${side}`, `${-(bars[side].current?.scrollLeft ?? 0)}px`);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a bar that goes takes what it scrolled with it
  useLayoutEffect(() => {
    onScroll('a');
    onScroll('b');
  }, [overflows.a, overflows.b]);
  return {
    bars,
    onScroll,
    onWheel(event) {
      const by = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
      const side = (event.target as Element).closest<HTMLElement>('[data-side]')?.dataset.side;
      const bar = side === 'a' || side === 'b' ? bars[side].current : null;
      if (bar && by !== 0) bar.scrollLeft += by;
    },
  };
}
