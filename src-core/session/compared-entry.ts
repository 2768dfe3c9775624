import { PAIR_METHODS } from '../diff/pairing.ts';
import type { Entry } from '../model/state-dict.ts';
import { shapeOf } from '../model/value.ts';
import { dtypeLabel } from '../tensor/dtype.ts';
import { COMPARE_STATUSES, type CompareStatus, type Comparison } from './compare.ts';
import type { Document } from './document.ts';

/** One pair in the shape in which it is written as JSON. */
export interface ComparedEntry {
  readonly status: CompareStatus;
  readonly keyA?: string;
  readonly keyB?: string;
  readonly shapeA?: readonly number[];
  readonly shapeB?: readonly number[];
  readonly dtypeA?: string;
  readonly dtypeB?: string;
  readonly maxAbs?: number;
  readonly meanAbs?: number;
  readonly rms?: number;
  readonly relL2?: number;
  readonly cosine?: number;
  /** 0 to 1, that these are the same entry; absent where the keys are the same. */
  readonly confidence?: number;
}

/** One pair of a comparison of `a` with `b`; absent fields do not apply, or were not computed. */
export function describePair(comparison: Comparison, a: Document, b: Document, i: number): ComparedEntry {
  const { pairing, values } = comparison;
  const [inA, inB] = entriesOfPair(comparison, a, b, i);
  const { identical: _, changed: __, ...numbers } = values.get(i) ?? {};
  const how = PAIR_METHODS[pairing.how[i]!];
  return {
    status: COMPARE_STATUSES[comparison.status[i]!]!,
    ...(inA && { keyA: inA.key }),
    ...(inB && { keyB: inB.key }),
    ...(inA && shapeOf(inA.value) && { shapeA: shapeOf(inA.value) as readonly number[] }),
    ...(inB && shapeOf(inB.value) && { shapeB: shapeOf(inB.value) as readonly number[] }),
    ...(inA && dtypeOf(inA) && { dtypeA: dtypeOf(inA) as string }),
    ...(inB && dtypeOf(inB) && { dtypeB: dtypeOf(inB) as string }),
    ...numbers,
    ...(how !== 'key' && how !== 'none' && { confidence: Math.round(pairing.confidence[i]! * 1e4) / 1e4 }),
  };
}

export function entriesOfPair(
  { pairing }: Pick<Comparison, 'pairing'>,
  a: Document,
  b: Document,
  i: number,
): readonly [Entry | undefined, Entry | undefined] {
  const [rowA, rowB] = [pairing.rowA[i]!, pairing.rowB[i]!];
  return [rowA < 0 ? undefined : a.state.entries.at(rowA), rowB < 0 ? undefined : b.state.entries.at(rowB)];
}

const dtypeOf = ({ value }: Entry): string | undefined =>
  value.type === 'tensor' && !value.undeclared ? dtypeLabel(value.dtype) : undefined;
