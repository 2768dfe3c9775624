import { useCallback, useMemo, useSyncExternalStore } from 'react';
import type { LoadRow } from '../../src-core/index.ts';
import type { DocumentId } from '../engine/api.ts';
import { engine } from './engine.ts';

/** What rows of a load say, fetched as they come into view. */
export interface LoadRows {
  get(row: number): LoadRow | undefined;
  subscribe(changed: () => void): () => void;
  want(rows: readonly number[]): void;
}

/** A few screens of rows; the rest is asked for again when it comes back into view. */
const KEPT = 4096;

function createLoadRows(load: DocumentId): LoadRows {
  const known = new Map<number, LoadRow>();
  const asked = new Set<number>();
  const listeners = new Set<() => void>();
  return {
    get: (row) => known.get(row),
    subscribe(changed) {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    want(rows) {
      const missing = rows.filter((row) => !known.has(row) && !asked.has(row));
      if (missing.length === 0) return;
      for (const row of missing) asked.add(row);
      engine()
        .describeLoadRows(load, Uint32Array.from(missing))
        .then((described) => {
          if (known.size > KEPT) known.clear();
          for (const row of described) known.set(row.row, row);
          for (const changed of listeners) changed();
        })
        // It was closed: another one is on its way.
        .catch(() => undefined)
        .finally(() => {
          for (const row of missing) asked.delete(row);
        });
    },
  };
}

export const useLoadRows = (load: DocumentId): LoadRows => useMemo(() => createLoadRows(load), [load]);

/** One row; draws again when it arrives. */
export function useLoadRow(rows: LoadRows, row: number): LoadRow | undefined {
  return useSyncExternalStore(
    rows.subscribe,
    useCallback(() => rows.get(row), [rows, row]),
  );
}
