import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { DocumentId } from '../engine/api.ts';
import { engine } from './engine.ts';

export interface RowKeys {
  /** The full key of a row, once it is known. */
  at(row: number): string | undefined;
  /** Asks for the keys of the places that came into view. */
  readonly want: (start: number, end: number) => void;
}

/** A few screens of keys; the rest is asked for again when it comes back into view. */
const KEPT = 4096;

/** Keys of the rows in view, fetched from the engine as they come. */
export function useRowKeys(document: DocumentId, rowAt: (index: number) => number, count: number): RowKeys {
  const known = useRef(new Map<number, string>());
  const [version, setVersion] = useState(0);
  const alive = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows of another document are other rows
  useEffect(() => {
    alive.current = true;
    known.current.clear();
    return () => {
      alive.current = false;
    };
  }, [document]);

  const want = useCallback(
    (start: number, end: number) => {
      const missing: number[] = [];
      for (let index = start; index < Math.min(end, count); index++) {
        const row = rowAt(index);
        if (!known.current.has(row)) missing.push(row);
      }
      if (missing.length === 0) return;
      void engine()
        .keys(document, Uint32Array.from(missing))
        .then((keys) => {
          if (known.current.size > KEPT) known.current.clear();
          for (const [i, row] of missing.entries()) known.current.set(row, keys[i]!);
          if (alive.current) setVersion((v) => v + 1);
        })
        // The path from the tree stays in its place: the document was closed meanwhile.
        .catch(() => undefined);
    },
    [document, rowAt, count],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version is what makes cells draw again
  return useMemo(() => ({ at: (row) => known.current.get(row), want }), [want, version]);
}
