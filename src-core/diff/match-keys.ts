import { StateglassError } from '../base/errors.ts';
import { findRow, wordMissing } from '../model/find-row.ts';
import { compileRules, type RenameRule } from '../model/keys/rename-rules.ts';
import type { StateDict } from '../model/state-dict.ts';
import { storedKeys } from '../model/stored-keys.ts';
import { haveOtherParts } from './key-parts.ts';
import type { OpenPairing } from './pair.ts';
import { PAIR_FLAG } from './pairing.ts';
import { PathIndex } from './path-index.ts';
import { freeRow, leftRows } from './side.ts';

/** A key of A and its partner in B; null for one that shall have none. */
export type Pin = readonly [keyA: string | null, keyB: string | null];

export function matchPinned(open: OpenPairing, pinned: readonly Pin[]): void {
  const { a, b } = open;
  for (const [keyA, keyB] of pinned) {
    const rowA = keyA === null ? undefined : rowOf(a.state, keyA, 'the first');
    const rowB = keyB === null ? undefined : rowOf(b.state, keyB, 'the second');
    if (rowA !== undefined && rowB !== undefined) open.add({ rowA, rowB, how: 'user', confidence: 1 });
    else if (rowA !== undefined) a.taken[rowA] = 1;
    else if (rowB !== undefined) b.taken[rowB] = 1;
  }
}

function rowOf(state: StateDict, key: string, where: string): number {
  const row = findRow(state, key);
  if (row === undefined)
    throw new StateglassError({ kind: 'not-found', what: key, detail: wordMissing(state, key, where) });
  return row;
}

/** Names of A as rules make them, by row; undefined without rules. */
export type RuledNames = readonly string[] | undefined;

/** Pairs what rules rename, and gives all names of A as the rules make them, for the stages that follow. */
export function matchRules(open: OpenPairing, rules: readonly RenameRule[]): RuledNames {
  if (rules.length === 0) return undefined;
  const rename = compileRules(rules);
  const { a, b } = open;
  const keyOf = storedKeys(a.state.entries, a.columns);
  const storedRows = indexStored(open);
  return Array.from({ length: a.columns.count }, (_, rowA) => {
    const key = keyOf(rowA);
    const to = rename(key);
    if (to === key) return a.keyOf(rowA);
    if (a.taken[rowA] === 0) {
      const rowB = freeRow(b, to) ?? storedRows?.get(to);
      if (rowB !== undefined) open.add({ rowA, rowB, how: 'rule', confidence: 1 });
    }
    return to;
  });
}

/** Rows of B by their stored keys, where those are not their parts joined by dots. */
function indexStored({ b }: OpenPairing): ReadonlyMap<string, number> | undefined {
  const keyOf = storedKeys(b.state.entries, b.columns);
  const rows = new Map<string, number>();
  for (const row of leftRows(b)) if (keyOf(row) !== b.keyOf(row) && !rows.has(keyOf(row))) rows.set(keyOf(row), row);
  return rows.size > 0 ? rows : undefined;
}

/** Pairs keys of the same parts, to the letter first. */
export function matchKeys(open: OpenPairing): void {
  const { a, b } = open;
  const paths = new PathIndex(b.columns);
  for (const rowA of leftRows(a)) {
    let rowB = paths.find(a.columns, rowA);
    while (rowB !== undefined && b.taken[rowB] !== 0) rowB = paths.next(rowB);
    if (rowB !== undefined) open.addSameKey(rowA, rowB);
  }
  for (const rowA of leftRows(a)) {
    const rowB = freeRow(b, a.keyOf(rowA));
    if (rowB === undefined) continue;
    const isOther = haveOtherParts(a.state.entries.at(rowA).path, b.state.entries.at(rowB).path);
    if (isOther) open.add({ rowA, rowB, how: 'key', confidence: 1, flags: PAIR_FLAG.keyParts });
    else open.addSameKey(rowA, rowB);
  }
}
