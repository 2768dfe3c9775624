import {
  keyOfRow,
  type PairFacts,
  parseQuery,
  StateglassError,
  searchKeys,
  searchRows,
  sortRows,
  VERDICTS,
} from '../../src-core/index.ts';
import type { EngineApi } from './api.ts';
import type { FindRows } from './held.ts';

type RowMethods = Pick<EngineApi, 'filter' | 'sort' | 'keys' | 'search'>;

/** What is asked of the rows of a document, or of the pairs of two. */
export function rowMethods(find: FindRows): RowMethods {
  return {
    async filter(id, query, call = {}) {
      const { columns, tree, statistics, facts } = find(id);
      return runInSlices(searchRows(parseQuery(query), columns, tree, statistics, facts), call.signal);
    },
    async sort(request) {
      const { columns, tree, statistics, facts } = find(request.document);
      const numbers = facts ? numbersOf(facts) : statistics;
      return sortRows(columns, tree, request.column, request.descending, request.rows, numbers);
    },
    async keys(id, rows) {
      const { columns } = find(id);
      return Array.from(rows, (row) => keyOfRow(columns, row));
    },
    async search(id, text, limit) {
      return searchKeys(find(id).columns, text, limit);
    },
  };
}

/** Pairs are sorted by how far apart they are, or by what is known of them. */
const numbersOf = ({ deltas, verdictOf }: PairFacts) => ({
  numberOf: (pair: number, name: string) =>
    name === 'status' ? VERDICTS.indexOf(verdictOf(pair)) : deltas.numberOf(pair, name),
});

/** Longest run without a look at the messages that wait, in milliseconds: a newer keystroke cancels an older search. */
const SLICE_MS = 12;

async function runInSlices<T>(steps: Generator<void, T>, signal: AbortSignal | undefined): Promise<T> {
  let until = performance.now() + SLICE_MS;
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() < until) continue;
    await new Promise((resolve) => setTimeout(resolve));
    if (signal?.aborted) throw new StateglassError({ kind: 'cancelled' });
    until = performance.now() + SLICE_MS;
  }
}
