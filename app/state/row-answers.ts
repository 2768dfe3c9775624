import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';

/** What the engine says of rows, fetched as they come into view. */
export interface RowAnswers<Answer> {
  get(row: number): Answer | undefined;
  subscribe(changed: () => void): () => void;
  /** Asks for what is not known yet. */
  want(rows: readonly number[]): void;
}

/** A few screens of rows; the rest is asked for again when it comes back into view. */
const KEPT = 4096;

/** `ask` answers in the order of the rows; what it rejects (the document was closed meanwhile) leaves them unanswered. */
export function createRowAnswers<Answer>(
  ask: (rows: Uint32Array<ArrayBuffer>) => Promise<readonly Answer[]>,
): RowAnswers<Answer> {
  const known = new Map<number, Answer>();
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
      ask(Uint32Array.from(missing))
        .then((answers) => {
          if (known.size > KEPT) known.clear();
          for (const [i, row] of missing.entries()) known.set(row, answers[i]!);
          for (const changed of listeners) changed();
        })
        .catch(() => undefined)
        .finally(() => {
          for (const row of missing) asked.delete(row);
        });
    },
  };
}

/** The answer of one row; draws again when it arrives. */
export function useRowAnswer<Answer>(answers: RowAnswers<Answer>, row: number): Answer | undefined {
  return useSyncExternalStore(
    answers.subscribe,
    useCallback(() => answers.get(row), [answers, row]),
  );
}

/** Asks for the rows of the places in view once they have stopped flying past. */
export function useWantedRows(
  { want }: Pick<RowAnswers<unknown>, 'want'>,
  rowAt: (index: number) => number,
  count: number,
) {
  const timer = useMemo(() => ({ id: undefined as ReturnType<typeof setTimeout> | undefined }), []);
  useEffect(() => () => clearTimeout(timer.id), [timer]);
  return useCallback(
    (start: number, end: number) => {
      clearTimeout(timer.id);
      timer.id = setTimeout(() => {
        const rows: number[] = [];
        for (let index = start; index < Math.min(end, count); index++) rows.push(rowAt(index));
        want(rows);
      }, 40);
    },
    [want, rowAt, count, timer],
  );
}
