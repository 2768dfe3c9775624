import { useEffect, useRef, useState } from 'react';

/** Often enough for numbers that grow, seldom enough for what is dear to draw. */
const EVERY_MS = 250;

/** A value as it was a moment ago. The last one always comes. */
export function useDeferred<T>(value: T): T {
  const [shown, setShown] = useState(value);
  const latest = useRef(value);
  latest.current = value;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (Object.is(shown, value) || timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      setShown(() => latest.current);
    }, EVERY_MS);
  }, [shown, value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return shown;
}
