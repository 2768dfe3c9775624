import { VALUE_ORDER } from '../model/state-dict.ts';
import { findLayouts, shapeOfRow } from './find-layouts.ts';
import { sameShape } from './layout.ts';
import type { OpenPairing } from './pair.ts';
import { type Match, PAIR_FLAG, PAIR_METHODS, PAIR_STATUSES, type Pairing, type PairStatus } from './pairing.ts';
import type { Side } from './side.ts';

/** A known mapping that makes shapes fit is surer than one that does not. */
const MISFIT = 0.8;
const TENSOR = VALUE_ORDER.indexOf('tensor');
const STRUCTURE = PAIR_FLAG.dtype | PAIR_FLAG.shape | PAIR_FLAG.valueType;

/** The pairs as columns, in the order of A; what only B has follows what it follows there. */
export function finishPairing(open: OpenPairing): Pairing {
  const { a, b, matches } = open;
  const axes = findLayouts(open);
  const order = orderPairs(open);
  const { count } = order;
  const columns = {
    status: new Uint8Array(count),
    how: new Uint8Array(count),
    confidence: new Float32Array(count),
    flags: new Uint16Array(count),
    mapping: new Uint8Array(count),
    layout: new Uint8Array(count),
  };
  const mappings: string[] = [];
  const layouts: (readonly number[])[] = [];
  for (let i = 0; i < count; i++) {
    const at = order.match[i]!;
    if (at < 0) {
      columns.status[i] = PAIR_STATUSES.indexOf(order.rowA[i]! < 0 ? 'added' : 'removed');
      continue;
    }
    const match = matches[at] as Match;
    const flags = (match.flags ?? 0) | compareStructure(a, b, match, axes[at]);
    const fits = match.how !== 'mapping' || !(flags & STRUCTURE) || flags & PAIR_FLAG.transposed;
    columns.flags[i] = flags;
    columns.status[i] = PAIR_STATUSES.indexOf(statusOf(a, b, match, flags));
    columns.how[i] = PAIR_METHODS.indexOf(match.how);
    columns.confidence[i] = fits ? match.confidence : Math.min(match.confidence, MISFIT);
    columns.mapping[i] = match.mapping === undefined ? 0 : codeOf(mappings, match.mapping);
    columns.layout[i] = axes[at] ? codeOf(layouts, axes[at], sameShape) : 0;
  }
  return { count, rowA: order.rowA, rowB: order.rowB, ...columns, mappings, layouts };
}

function codeOf<T>(list: T[], item: T, same: (a: T, b: T) => boolean = Object.is): number {
  const known = list.findIndex((one) => same(one, item));
  return known >= 0 ? known + 1 : list.push(item);
}

function compareStructure(a: Side, b: Side, { rowA, rowB }: Match, axes: readonly number[] | undefined): number {
  const [typeA, typeB] = [a.columns.types[rowA]!, b.columns.types[rowB]!];
  if (typeA !== typeB) return PAIR_FLAG.valueType;
  if (typeA !== TENSOR) return 0;
  const [shapeA, shapeB] = [shapeOfRow(a, rowA), shapeOfRow(b, rowB)];
  if (!shapeA || !shapeB) return PAIR_FLAG.undeclared;
  const dtypeOf = ({ columns }: Side, row: number) => columns.dtypes[columns.dtype[row]! - 1];
  return (
    (dtypeOf(a, rowA) === dtypeOf(b, rowB) ? 0 : PAIR_FLAG.dtype) |
    (sameShape(shapeA, shapeB) ? 0 : PAIR_FLAG.shape) |
    (axes ? PAIR_FLAG.transposed : 0)
  );
}

function statusOf(a: Side, b: Side, { rowA, rowB }: Match, flags: number): PairStatus {
  const [keyA, keyB] = [a.keys[rowA] as string, b.keys[rowB] as string];
  if (keyA !== keyB) return ownName(keyA) === ownName(keyB) ? 'moved' : 'renamed';
  if (flags & PAIR_FLAG.keyParts) return 'renamed';
  return flags & (STRUCTURE | PAIR_FLAG.transposed) ? 'changed' : 'same-structure';
}

const ownName = (key: string): string => key.slice(key.lastIndexOf('.') + 1);

/** Rows of the pairs in their order, with the place of each one's match; −1 where there is none. */
function orderPairs({ a, b, matches }: OpenPairing) {
  const [countA, countB] = [a.columns.count, b.columns.count];
  const count = countA + countB - matches.length;
  const [rowA, rowB, match] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)];
  const [ofA, ofB] = [new Int32Array(countA).fill(-1), new Int32Array(countB).fill(-1)];
  for (const [i, found] of matches.entries()) {
    ofA[found.rowA] = i;
    ofB[found.rowB] = i;
  }
  let next = 0;
  const put = (inA: number, inB: number, at: number) => {
    rowA[next] = inA;
    rowB[next] = inB;
    match[next++] = at;
  };
  /** What only B has, from a row on. */
  const putAdded = (from: number) => {
    for (let row = from; row < countB && ofB[row]! < 0; row++) put(-1, row, -1);
  };
  putAdded(0);
  for (let row = 0; row < countA; row++) {
    const at = ofA[row]!;
    const inB = at < 0 ? -1 : (matches[at] as Match).rowB;
    put(row, inB, at);
    if (inB >= 0) putAdded(inB + 1);
  }
  return { count, rowA, rowB, match };
}
