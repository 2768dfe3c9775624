import { type ReactNode, useEffect, useReducer, useRef } from 'react';
import { Loading } from './States.tsx';

type Settled = { readonly value: unknown } | { readonly error: unknown };

const settled = new WeakMap<Promise<unknown>, Settled>();

/** Remembers what a promise came to, so that it can be drawn at once later: for what is asked for ahead of time. */
export function watch<T>(promise: Promise<T>): Promise<void> {
  return promise.then(
    (value) => void settled.set(promise, { value }),
    (error) => void settled.set(promise, { error }),
  );
}

interface AnswerProps<T> {
  /** The same promise for the same question. */
  readonly to: Promise<T>;
  readonly waiting?: ReactNode;
  readonly children: (value: T) => ReactNode;
}

/**
 * Draws what a promise comes to: at once when it is known, the one before until then. An error is thrown to the boundary above.
 *
 * This is not Suspense: once React has shown a fallback it holds every other reveal back for 300 ms, more than opening a file takes.
 */
export function Answer<T>({ to, waiting, children }: AnswerProps<T>) {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const shown = useRef<Promise<T>>(undefined);
  useEffect(() => {
    if (settled.has(to)) return;
    let wanted = true;
    void watch(to).then(() => wanted && redraw());
    return () => {
      wanted = false;
    };
  }, [to]);
  if (settled.has(to)) shown.current = to;
  const known = shown.current && settled.get(shown.current);
  if (!known) return waiting === undefined ? <Loading label="Reading" /> : waiting;
  if ('error' in known) throw known.error;
  return children(known.value as T);
}
