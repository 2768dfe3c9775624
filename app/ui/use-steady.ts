import { useEffect, useRef, useState } from 'react';

/** What takes longer is waited for in its own place. */
const PATIENCE_MS = 150;

/**
 * The one before stays on screen until the next has something to show, for a moment at most: a step through neighbours never
 * flashes an empty panel.
 */
export function useSteady<T extends { readonly key: string }>(next: T, isReady: boolean): T {
  const shown = useRef(next);
  const [late, setLate] = useState<string | null>(null);
  useEffect(() => {
    if (isReady) return;
    const timer = setTimeout(() => setLate(next.key), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [next.key, isReady]);
  if (isReady || late === next.key || shown.current.key === next.key) shown.current = next;
  return shown.current;
}
