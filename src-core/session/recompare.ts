import { PAIR_METHODS } from '../diff/pairing.ts';
import type { Entry, StateDict } from '../model/state-dict.ts';
import { type Comparison, judgeAgain } from './compare.ts';
import type { Document } from './document.ts';
import { editedRows } from './kept-rows.ts';

/** What was compared, and what came of it. */
export interface MadeComparison {
  readonly a: Document;
  readonly b: Document;
  readonly comparison: Comparison;
}

/** Partners that names and types alone decided: another value leaves them together. */
const BY_NAME = (['key', 'rule', 'mapping', 'user'] as const).map((how) => PAIR_METHODS.indexOf(how));

/**
 * The comparison of two documents after edits of values: who goes with whom stays, and what was touched is judged anew. Undefined
 * where an edit may change that (another key, type or shape, an entry more or less, a partner found by content, or by none):
 * compare from the beginning then.
 */
export function recompareDocuments(made: MadeComparison, a: Document, b: Document): Comparison | undefined {
  const { comparison } = made;
  const { pairing } = comparison;
  if (comparison.withValues) return undefined;
  const touchedA = touchedRows(made.a.state, a.state);
  const touchedB = touchedRows(made.b.state, b.state);
  if (!touchedA || !touchedB) return undefined;
  const touched: number[] = [];
  for (let i = 0; i < pairing.count; i++)
    if (touchedA.has(pairing.rowA[i]!) || touchedB.has(pairing.rowB[i]!)) touched.push(i);
  if (!touched.every((i) => BY_NAME.includes(pairing.how[i]!))) return undefined;
  return judgeAgain(comparison, a, b, touched);
}

/** Rows with another value; undefined where more than that is another. */
function touchedRows(before: StateDict, after: StateDict): ReadonlySet<number> | undefined {
  const rows = editedRows(before, after);
  const isAlike = (row: number) => isSameOutline(before.entries.at(row), after.entries.at(row));
  return rows?.every(isAlike) ? new Set(rows) : undefined;
}

function isSameOutline(
  { path: pathA, key: keyA, value: a }: Entry,
  { path: pathB, key: keyB, value: b }: Entry,
): boolean {
  if (keyA !== keyB || a.type !== b.type || pathA.parts.length !== pathB.parts.length) return false;
  if (a.type !== 'tensor' || b.type !== 'tensor') return true;
  return a.dtype === b.dtype && a.undeclared === b.undeclared && String(a.shape) === String(b.shape);
}
