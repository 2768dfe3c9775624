import { type ErrorInfo, StateglassError, toErrorInfo } from '../base/errors.ts';
import { findRow, wordMissing } from '../model/find-row.ts';
import { asksStatistics, parseQuery } from '../model/query.ts';
import { runQuery } from '../model/query-run.ts';
import type { EntryId, StateDict } from '../model/state-dict.ts';
import { buildTree } from '../model/tree.ts';

/** Entries by their keys, or by a filter as the explorer takes it. */
export interface Choice {
  readonly keys?: readonly string[];
  readonly query?: string;
}

export const CHOICE = { keys: 'texts?', query: 'text?' } as const;

/** Rows, or why there are none. */
export function findChosen(state: StateDict, { keys, query }: Choice): ReadonlySet<EntryId> | ErrorInfo {
  if ((keys === undefined) === (query === undefined))
    return { kind: 'bad-input', detail: 'either keys or a query says which entries are meant' };
  if (query !== undefined) return findByQuery(state, query);
  const rows = new Set<EntryId>();
  for (const key of keys ?? []) {
    const row = findKey(state, key);
    if (typeof row !== 'number') return row;
    rows.add(row);
  }
  return rows;
}

export const isError = <T extends object>(found: T | ErrorInfo): found is ErrorInfo => 'kind' in found;

function findByQuery(state: StateDict, text: string): ReadonlySet<EntryId> | ErrorInfo {
  try {
    const query = parseQuery(text);
    if (asksStatistics(query))
      return { kind: 'bad-input', detail: `${text} asks for values, which an edit does not read` };
    const columns = state.entries.columns();
    return new Set(runQuery(query, columns, buildTree(columns)));
  } catch (error) {
    return toErrorInfo(error);
  }
}

/** The row of a key, or that there is none, with keys like it. `where` names the state. */
export function findKey(state: StateDict, key: string, where = 'the document'): EntryId | ErrorInfo {
  const row = findRow(state, key);
  return row ?? { kind: 'not-found', what: key, detail: wordMissing(state, key, where) };
}

/** @throws what `findKey` finds wrong. */
export function requireKey(state: StateDict, key: string, where?: string): EntryId {
  const row = findKey(state, key, where);
  if (typeof row === 'number') return row;
  throw new StateglassError(row);
}

/** Why nothing would be done: nothing is meant, or what is meant cannot be found. */
export function whyNone(state: StateDict, choice: Choice): ErrorInfo | undefined {
  const found = findChosen(state, choice);
  if (isError(found)) return found;
  return found.size > 0 ? undefined : { kind: 'not-found', what: wordChoice(choice), detail: 'nothing matches' };
}

/** How many entries are meant, for people. */
export const wordChoice = ({ keys, query }: Choice): string =>
  query ?? (keys?.length === 1 ? (keys[0] as string) : `${keys?.length ?? 0} entries`);
