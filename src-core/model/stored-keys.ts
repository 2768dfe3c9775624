import { keyOfRow } from './key-text.ts';
import type { Entries, EntryColumns } from './state-dict.ts';

/** Keys so many of which are looked at to see how they are written. */
const SAMPLE = 64;

/** Keys by row as they are stored. Where that is their parts joined by dots, as nearly everywhere, columns are enough. */
export function storedKeys(entries: Entries, columns: EntryColumns = entries.columns()): (row: number) => string {
  const step = Math.max(1, Math.floor(columns.count / SAMPLE));
  for (let row = 0; row < columns.count; row += step)
    if (entries.at(row).key !== keyOfRow(columns, row)) return (at) => entries.at(at).key;
  return (row) => keyOfRow(columns, row);
}
