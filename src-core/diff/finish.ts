import { VALUE_ORDER } from '../model/state-dict.ts';
import { findLayouts, fitShapes, type ShapeFit } from './find-layouts.ts';
import { sameShape } from './layout.ts';
import type { OpenPairing } from './pair.ts';
import { orderPairs } from './pair-rows.ts';
import { type Match, PAIR_FLAG, PAIR_METHODS, PAIR_STATUSES, type Pairing, type PairStatus } from './pairing.ts';
import type { Side } from './side.ts';

/** A known mapping that makes shapes fit is surer than one that does not. */
const MISFIT = 0.8;
const TENSOR = VALUE_ORDER.indexOf('tensor');
/** What there is to tell of rows with the same key. */
const SAME_KEY: Omit<Match, 'rowA' | 'rowB'> = { how: 'key', confidence: 1 };
const STRUCTURE = PAIR_FLAG.dtype | PAIR_FLAG.shape | PAIR_FLAG.valueType;

/** The pairs as columns, in the order of A; what only B has follows what it follows there. */
export function finishPairing(open: OpenPairing): Pairing {
  const rows = orderPairs(open);
  const { count, rowA, rowB, matchOf } = rows;
  const fitOf = fitShapes(open, rows);
  const layoutOf = findLayouts(open, rows, fitOf);
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
    const [inA, inB] = [rowA[i]!, rowB[i]!];
    if (inA < 0 || inB < 0) {
      columns.status[i] = PAIR_STATUSES.indexOf(inA < 0 ? 'added' : 'removed');
      continue;
    }
    const match = matchOf(i);
    const { how, confidence, mapping, flags: told = 0 } = match ?? SAME_KEY;
    const axes = layoutOf(i);
    const flags = told | compareStructure(open, inA, inB, fitOf(i), axes);
    const fits = how !== 'mapping' || !(flags & STRUCTURE) || flags & PAIR_FLAG.transposed;
    columns.flags[i] = flags;
    columns.status[i] = PAIR_STATUSES.indexOf(statusOf(open, match, flags));
    columns.how[i] = PAIR_METHODS.indexOf(how);
    columns.confidence[i] = fits ? confidence : Math.min(confidence, MISFIT);
    columns.mapping[i] = mapping === undefined ? 0 : codeOf(mappings, mapping);
    columns.layout[i] = axes ? codeOf(layouts, axes, sameShape) : 0;
  }
  return { count, rowA, rowB, ...columns, mappings, layouts };
}

function codeOf<T>(list: T[], item: T, same: (a: T, b: T) => boolean = Object.is): number {
  const known = list.findIndex((one) => same(one, item));
  return known >= 0 ? known + 1 : list.push(item);
}

function compareStructure(
  { a, b }: OpenPairing,
  rowA: number,
  rowB: number,
  fit: ShapeFit | undefined,
  axes: readonly number[] | undefined,
): number {
  const [typeA, typeB] = [a.columns.types[rowA]!, b.columns.types[rowB]!];
  if (typeA !== typeB) return PAIR_FLAG.valueType;
  if (typeA !== TENSOR) return 0;
  if (!fit) return PAIR_FLAG.undeclared;
  const dtypeOf = ({ columns }: Side, row: number) => columns.dtypes[columns.dtype[row]! - 1];
  return (
    (dtypeOf(a, rowA) === dtypeOf(b, rowB) ? 0 : PAIR_FLAG.dtype) |
    (fit.isSame ? 0 : PAIR_FLAG.shape) |
    (axes ? PAIR_FLAG.transposed : 0)
  );
}

function statusOf({ a, b }: OpenPairing, match: Match | undefined, flags: number): PairStatus {
  if (match) {
    const [keyA, keyB] = [a.keyOf(match.rowA), b.keyOf(match.rowB)];
    if (keyA !== keyB) return ownName(keyA) === ownName(keyB) ? 'moved' : 'renamed';
    if (flags & PAIR_FLAG.keyParts) return 'renamed';
  }
  return flags & (STRUCTURE | PAIR_FLAG.transposed) ? 'changed' : 'same-structure';
}

const ownName = (key: string): string => key.slice(key.lastIndexOf('.') + 1);
