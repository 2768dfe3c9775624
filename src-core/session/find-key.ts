import { StateglassError } from '../base/errors.ts';
import { findRow, wordMissing } from '../model/find-row.ts';
import type { Entry } from '../model/state-dict.ts';
import type { Document } from './document.ts';

/**
 * The entry of a key as it is stored or as a person writes it, its parts joined by dots. Of repeated keys the first.
 *
 * @throws `not-found`, naming similar keys.
 */
export function findKey({ name, state }: Document, key: string): Entry {
  const row = findRow(state, key);
  if (row !== undefined) return state.entries.at(row);
  throw new StateglassError({ kind: 'not-found', what: key, detail: wordMissing(state, key, name) });
}

/** The row of a key as `findKey` takes it; undefined when there is none. */
export const rowOfKey = ({ state }: Document, key: string): number | undefined => findRow(state, key);
