import { DeltaTable, type EditedDocument, findPacked, keptRows, movedRows } from '../../src-core/index.ts';
import type { Pairs } from './compare-api.ts';
import type { HeldComparison } from './held.ts';

type Documents = Readonly<Record<'a' | 'b', EditedDocument>>;
type Rows = Pick<Pairs, 'rowA' | 'rowB' | 'pairOfA' | 'pairOfB' | 'layout' | 'layouts'>;

/** By pair, the pair of the comparison before with the same values on both sides, where these were compared; −1 elsewhere. */
export function keptPairs(before: HeldComparison, pairs: Rows, { a, b }: Documents): Int32Array<ArrayBuffer> {
  const inA = withoutParts(keptRows(before.made.a.state, a.state), a);
  const inB = withoutParts(keptRows(before.made.b.state, b.state), b);
  return pairs.rowA.map((rowA, pair) => {
    const rowB = pairs.rowB[pair]!;
    const [oldA, oldB] = [rowA < 0 ? -1 : inA[rowA]!, rowB < 0 ? -1 : inB[rowB]!];
    if (oldA < 0 || oldB < 0) return -1;
    const old = before.pairs.pairOfA[oldA]!;
    const isSame = before.pairs.rowB[old] === oldB && axesOf(before.pairs, old) === axesOf(pairs, pair);
    return isSame && before.facts.deltas.has(old) ? old : -1;
  });
}

/** A packed weight is another where its scales are, whatever its codes. */
function withoutParts(kept: Int32Array<ArrayBuffer>, { state }: EditedDocument): Int32Array<ArrayBuffer> {
  for (const { row, parts } of findPacked(state)) if (parts.some((part) => kept[part]! < 0)) kept[row] = -1;
  return kept;
}

const axesOf = ({ layout, layouts }: Rows, pair: number): string => String(layouts[layout[pair]! - 1] ?? '');

/** Of each pair before, the pair that it is now; −1 where it is gone. */
export function movedPairs(before: HeldComparison, pairs: Rows, { a, b }: Documents): Int32Array<ArrayBuffer> {
  const inA = movedRows(before.made.a.state, a.state);
  const inB = movedRows(before.made.b.state, b.state);
  const find = (row: number, moved: Int32Array | undefined, pairOf: Uint32Array): number => {
    const now = row < 0 || !moved ? row : moved[row]!;
    return now < 0 ? -1 : pairOf[now]!;
  };
  return before.pairs.rowA.map((rowA, pair) => {
    const now = find(rowA, inA, pairs.pairOfA);
    return now >= 0 ? now : find(before.pairs.rowB[pair]!, inB, pairs.pairOfB);
  });
}

/** What is known of the values of the pairs that are kept. */
export function keepKnown(before: HeldComparison, kept: Int32Array, verdict: Uint8Array<ArrayBuffer>) {
  const deltas = new DeltaTable();
  const verdicts = verdict.slice();
  const failures: HeldComparison['failures'] = new Map();
  const now = Uint32Array.from(kept.keys()).filter((pair) => kept[pair]! >= 0);
  const { values } = before.facts.deltas.batchOf(Array.from(now, (pair) => kept[pair]!));
  deltas.add({ rows: now, values });
  for (const pair of now) {
    const old = kept[pair]!;
    if (verdict[pair] === 0) verdicts[pair] = before.verdicts[old]!;
    const failure = before.failures.get(old);
    if (failure) failures.set(pair, failure);
  }
  return { deltas, verdicts, failures };
}
