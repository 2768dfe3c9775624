import { NO_SHAPE } from '../model/state-dict.ts';
import type { OpenPairing } from './pair.ts';
import { leftRows, type Side } from './side.ts';
import { keyOfValue } from './value.ts';

/** Shorter values are the same by chance: a flag, a size. */
const LEAST_LETTERS = 24;

/** Pairs texts and other values that are no tensors, have no partner yet, and are found once on each side. */
export function matchTexts(open: OpenPairing): void {
  const inB = indexValues(open.b);
  for (const [text, rowA] of indexValues(open.a)) {
    const rowB = inB.get(text);
    if (rowA !== undefined && rowB !== undefined) open.add({ rowA, rowB, how: 'content', confidence: 1 });
  }
}

/** Rows by value; undefined for one that several have. */
function indexValues(side: Side): Map<string, number | undefined> {
  const rows = new Map<string, number | undefined>();
  for (const row of leftRows(side)) {
    if (side.columns.shape[row] !== NO_SHAPE) continue;
    const { value } = side.state.entries.at(row);
    if (value.type === 'tensor' || value.type === 'bytes') continue;
    const text = keyOfValue(value);
    if (text.length >= LEAST_LETTERS) rows.set(text, rows.has(text) ? undefined : row);
  }
  return rows;
}
