import { keyOfRow } from '../model/key-text.ts';
import { parseQuery } from '../model/query.ts';
import { runQuery } from '../model/query-run.ts';
import { buildTree } from '../model/tree.ts';
import type { Document } from './document.ts';
import { rowOfKey } from './find-key.ts';

/**
 * The entries that a text means: the one with that key, whatever characters are in it; else those of the module with that
 * path; else those that match it as a filter.
 *
 * @throws `bad-input` for a filter that cannot be read.
 */
export function findRows(document: Document, text: string): readonly number[] {
  const named = findNamed(document, text);
  if (named) return named;
  const columns = document.state.entries.columns();
  return [...runQuery(parseQuery(text), columns, buildTree(columns))];
}

/**
 * The same as the edits `keep`, `delete` and `cast` take it. A filter stays a filter, so that a recipe means it in another
 * file too; names become the keys of their entries.
 */
export function chooseRows(
  document: Document,
  text: string,
): { readonly keys: readonly string[] } | { readonly query: string } {
  const columns = document.state.entries.columns();
  const named = findNamed(document, text);
  return named ? { keys: named.map((row) => keyOfRow(columns, row)) } : { query: text };
}

/** The entry with that key, or those of the module with that path. */
function findNamed(document: Document, text: string): readonly number[] | undefined {
  const exact = rowOfKey(document, text);
  if (exact !== undefined) return [exact];
  const columns = document.state.entries.columns();
  const below: number[] = [];
  for (let row = 0; row < columns.count; row++) if (keyOfRow(columns, row).startsWith(`${text}.`)) below.push(row);
  return below.length > 0 ? below : undefined;
}
