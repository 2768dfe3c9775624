import { StateglassError } from '../base/errors.ts';
import { keyOfRow } from '../model/key-text.ts';
import { similarKeys } from '../model/keys/similar.ts';
import type { Entry } from '../model/state-dict.ts';
import type { Document } from './document.ts';

/** Suggestions look at so many keys: about a second's work. */
const MOST_COMPARED = 500_000;

/**
 * The entry of a key as it is stored or as a person writes it, its parts joined by dots. Of repeated keys the first.
 *
 * @throws `not-found`, naming similar keys.
 */
export function findKey(document: Document, key: string): Entry {
  const row = rowOfKey(document, key);
  if (row !== undefined) return document.state.entries.at(row);
  throw new StateglassError({ kind: 'not-found', what: key, detail: wordMissing(document, key) });
}

/** The row of a key as `findKey` takes it; undefined when there is none. */
export function rowOfKey({ state: { entries } }: Document, key: string): number | undefined {
  const columns = entries.columns();
  for (let row = 0; row < entries.length; row++) if (keyOfRow(columns, row) === key) return row;
  for (let row = 0; row < entries.length; row++) {
    const entry = entries.at(row);
    if (entry.key === key || entry.path.raw === key) return row;
  }
  return undefined;
}

function wordMissing({ name, state }: Document, key: string): string {
  const columns = state.entries.columns();
  function* keys() {
    for (let row = 0; row < Math.min(columns.count, MOST_COMPARED); row++) yield keyOfRow(columns, row);
  }
  const similar = similarKeys(key, keys());
  const advice = similar.length > 0 ? `; did you mean ${similar.join(', ')}?` : '';
  return `no such key in ${name}, which has ${state.entries.length}${advice}`;
}
