import { assignBest } from './assign.ts';
import { shapeOfRow } from './find-layouts.ts';
import { NameEvidence } from './name-evidence.ts';
import type { OpenPairing } from './pair.ts';
import { PAIR_FLAG } from './pairing.ts';
import { leftRows, type Side } from './side.ts';

export interface NamedPair {
  readonly rowA: number;
  readonly rowB: number;
  /** 0 to 1. */
  readonly score: number;
  /** How much better than the next best of either. */
  readonly margin: number;
}

/** More than this on a side is a matter of minutes for the best assignment: what names do not predict goes in order then. */
const MOST_ASSIGNED = 128;

/** Pairs rows that are equally good by content: as names predict, then by the best assignment of likeness. */
export function matchByNames(
  { a, b }: OpenPairing,
  rowsA: readonly number[],
  rowsB: readonly number[],
  evidence: NameEvidence,
): NamedPair[] {
  const found: NamedPair[] = [];
  const [leftA, leftB] = [new Set(rowsA), new Set(rowsB)];
  const take = (rowA: number, rowB: number, score: number, margin: number) => {
    leftA.delete(rowA);
    leftB.delete(rowB);
    found.push({ rowA, rowB, score, margin });
  };
  const rowOfB = new Map(rowsB.map((row) => [b.keyOf(row), row]));
  for (const row of rowsA) {
    const keyA = a.keyOf(row);
    for (const key of evidence.predictB(keyA)) {
      const rowB = rowOfB.get(key);
      if (rowB === undefined || !leftB.has(rowB) || !evidence.predictA(key).includes(keyA)) continue;
      take(row, rowB, 1, 0.5);
      break;
    }
  }
  const [listA, listB] = [[...leftA], [...leftB]];
  if (Math.max(listA.length, listB.length) > MOST_ASSIGNED) {
    for (const [i, row] of listA.entries()) if (listB[i] !== undefined) take(row, listB[i], 0, 0);
    return found;
  }
  const keysB = listB.map(b.keyOf);
  const scores = listA.map((row) => {
    const keyA = a.keyOf(row);
    return keysB.map((keyB) => evidence.score(keyA, keyB));
  });
  const best = assignBest(listA.length, listB.length, (i, j) => scores[i]![j]!);
  for (const [i, j] of best.entries()) {
    if (j < 0) continue;
    const score = scores[i]![j]!;
    const others = [...scores[i]!.filter((_, k) => k !== j), ...scores.filter((_, k) => k !== i).map((row) => row[j]!)];
    take(listA[i]!, listB[j]!, score, score - Math.max(0, ...others));
  }
  return found;
}

/** Names this alike, and clearly more than any other of the same shape, are told as a guess. */
const ALIKE = 0.6;
const CLEARLY = 0.02;
/** A guess is never told as more than that. */
const MOST_SURE = 0.75;

/**
 * Pairs tensors that are left by shape and likeness of names. All of it is uncertain: a layer that went and one that came
 * may look so too.
 */
export function matchNames(open: OpenPairing): void {
  const groupsB = groupByShape(open.b);
  // In order, as a large group would be paired, is no guess worth telling.
  const groups = [...groupByShape(open.a)].flatMap(([group, rowsA]) => {
    const rowsB = groupsB.get(group);
    return rowsB && Math.max(rowsA.length, rowsB.length) <= MOST_ASSIGNED ? [{ rowsA, rowsB }] : [];
  });
  // Nothing left, as between most pairs of files: what names teach is not asked.
  if (groups.length === 0) return;
  const evidence = new NameEvidence(open);
  for (const { rowsA, rowsB } of groups) {
    for (const { rowA, rowB, score, margin } of matchByNames(open, rowsA, rowsB, evidence)) {
      if (score < ALIKE || margin < CLEARLY) continue;
      const confidence = Math.min(MOST_SURE, score * Math.min(1, 0.6 + margin));
      open.add({ rowA, rowB, how: 'shape-and-name', confidence, flags: PAIR_FLAG.uncertain });
    }
  }
}

/** Free rows of tensors by their dimensions, whatever the order of axes. Of texts a name alone says too little. */
function groupByShape(side: Side): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const row of leftRows(side)) {
    const shape = shapeOfRow(side, row);
    if (!shape) continue;
    const group = shape.toSorted((x, y) => x - y).join();
    const rows = groups.get(group) ?? [];
    rows.push(row);
    groups.set(group, rows);
  }
  return groups;
}
