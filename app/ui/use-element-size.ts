import { type RefObject, useLayoutEffect, useState } from 'react';

export interface ElementSize {
  /** Pixels inside the borders, without scroll bars. */
  readonly width: number;
  readonly height: number;
}

const NO_SIZE: ElementSize = { width: 0, height: 0 };

/** The size of an element, from before it is first painted and whenever it changes. `first` stands until it is known. */
export function useElementSize(of: RefObject<HTMLElement | null>, first: ElementSize = NO_SIZE): ElementSize {
  const [size, setSize] = useState(first);
  useLayoutEffect(() => {
    const element = of.current;
    if (!element) return;
    const measure = () => setSize({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [of]);
  return size;
}
