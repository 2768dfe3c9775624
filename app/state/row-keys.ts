import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import type { DocumentId } from '../engine/api.ts';
import { engine } from './engine.ts';

/** Full keys of rows, fetched from the engine as rows come into view. */
export interface RowKeys {
  get(row: number): string | undefined;
  subscribe(changed: () => void): () => void;
  /** Asks for the keys that are not known yet. */
  want(rows: readonly number[]): void;
}

/** A few screens of keys; the rest is asked for again when it comes back into view. */
const KEPT = 4096;

function createRowKeys(document: DocumentId): RowKeys {
  const known = new Map<number, string>();
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
        .keys(document, Uint32Array.from(missing))
        .then((keys) => {
          if (known.size > KEPT) known.clear();
          for (const [i, row] of missing.entries()) known.set(row, keys[i]!);
          for (const changed of listeners) changed();
        })
        // The path from the tree stays in its place: the document was closed meanwhile.
        .catch(() => undefined)
        .finally(() => {
          for (const row of missing) asked.delete(row);
        });
    },
  };
}

export const useRowKeys = (document: DocumentId): RowKeys => useMemo(() => createRowKeys(document), [document]);

/** The key of one row; draws again when it arrives. */
export function useRowKey(keys: RowKeys, row: number): string | undefined {
  return useSyncExternalStore(
    keys.subscribe,
    useCallback(() => keys.get(row), [keys, row]),
  );
}

/** Asks for the keys of the places in view once they have stopped flying past. */
export function useWantedKeys(keys: Pick<RowKeys, 'want'>, rowAt: (index: number) => number, count: number) {
  const timer = useMemo(() => ({ id: undefined as ReturnType<typeof setTimeout> | undefined }), []);
  useEffect(() => () => clearTimeout(timer.id), [timer]);
  return useCallback(
    (start: number, end: number) => {
      clearTimeout(timer.id);
      timer.id = setTimeout(() => {
        const rows: number[] = [];
        for (let index = start; index < Math.min(end, count); index++) rows.push(rowAt(index));
        keys.want(rows);
      }, 40);
    },
    [keys, rowAt, count, timer],
  );
}
