import { type ErrorInfo, StateglassError } from '../base/errors.ts';
import { PAIR_FLAG, type Pairing } from '../diff/pairing.ts';
import type { TensorValue } from '../model/state-dict.ts';
import type { TensorComparison } from '../tensor/compare.ts';
import { type CompareValuesOptions, comparePairs, type RowPair } from './compare-values.ts';
import type { Document } from './document.ts';
import { asTensor, digestTensors } from './hash.ts';
import type { Pool } from './ports.ts';

/** How the values of a pair differ. */
export interface ValueDifference {
  /** Every element is the same: of one type to the bit, of two types by value. */
  readonly identical: boolean;
  /** Elements that are not the same. */
  readonly changed?: number;
  readonly maxAbs?: number;
  readonly meanAbs?: number;
  readonly rms?: number;
  /** ‖B − A‖ / ‖A‖. */
  readonly relL2?: number;
  /** Absent when one side is all zeros. */
  readonly cosine?: number;
}

/** By pair, for those that have values on both sides. */
export interface ComparedValuesByPair {
  readonly values: ReadonlyMap<number, ValueDifference>;
  /** Why values could not be compared. */
  readonly failures: ReadonlyMap<number, ErrorInfo>;
}

/** Dtypes may differ; these may not. */
const APART = PAIR_FLAG.valueType | PAIR_FLAG.undeclared;

/**
 * Compares the values of all pairs that have them on both sides and are of one shape, once B's axes stand as A's do.
 *
 * @throws `bad-input` without a pool, `cancelled` when the signal fires, `source` when a file cannot be read.
 */
export async function comparePairedValues(
  a: Document,
  b: Document,
  pairing: Pairing,
  pool: Pool | undefined,
  options: CompareValuesOptions,
): Promise<ComparedValuesByPair> {
  if (!pool) throw new StateglassError({ kind: 'bad-input', detail: 'values are compared by a pool: give one' });
  const tensors: { readonly i: number; readonly rows: RowPair }[] = [];
  const bytes: { readonly i: number; readonly a: TensorValue; readonly b: TensorValue }[] = [];
  for (let i = 0; i < pairing.count; i++) {
    const [rowA, rowB, flags] = [pairing.rowA[i]!, pairing.rowB[i]!, pairing.flags[i]!];
    const isTurned = (flags & PAIR_FLAG.transposed) !== 0;
    if (rowA < 0 || rowB < 0 || flags & APART || (flags & PAIR_FLAG.shape && !isTurned)) continue;
    const [valueA, valueB] = [a.state.entries.at(rowA).value, b.state.entries.at(rowB).value];
    const axes = pairing.layouts[pairing.layout[i]! - 1];
    if (valueA.type === 'tensor') tensors.push({ i, rows: { a: rowA, b: rowB, ...(axes && { axes }) } });
    else if (valueA.type === 'bytes') bytes.push({ i, a: asTensor(valueA)!, b: asTensor(valueB)! });
  }
  const values = new Map<number, ValueDifference>();
  const failures = new Map<number, ErrorInfo>();
  const rows = tensors.map((pair) => pair.rows);
  const take: Parameters<typeof comparePairs>[4] = ({ pair, comparison, error }) => {
    const { i } = tensors[pair]!;
    if (comparison) values.set(i, shorten(comparison));
    else if (error) failures.set(i, error);
    if (error?.kind !== 'unsupported') return;
    // What has no numbers may still have the same bits.
    const { rows } = tensors[pair]!;
    const [inA, inB] = [a.state.entries.at(rows.a).value, b.state.entries.at(rows.b).value];
    if (inA.type === 'tensor' && inB.type === 'tensor' && inA.dtype === inB.dtype && !rows.axes)
      bytes.push({ i, a: inA, b: inB });
  };
  await comparePairs(a, b, rows, pool, take, options);
  const signal = options.signal && { signal: options.signal };
  const [inA, inB] = [
    await digestTensors(
      a,
      bytes.map((pair) => pair.a),
      pool,
      signal,
    ),
    await digestTensors(
      b,
      bytes.map((pair) => pair.b),
      pool,
      signal,
    ),
  ];
  for (const [at, { i }] of bytes.entries()) {
    if (inA[at] === undefined || inB[at] === undefined) continue;
    values.set(i, { identical: inA[at] === inB[at] });
    failures.delete(i);
  }
  return { values, failures };
}

const shorten = ({ equal, changed, maxAbs, meanAbs, rms, relativeL2, cosine }: TensorComparison): ValueDifference => ({
  identical: equal,
  changed,
  maxAbs,
  meanAbs,
  rms,
  relL2: relativeL2,
  ...(cosine !== undefined && { cosine }),
});
