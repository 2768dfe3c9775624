import type { TensorValue } from '../model/state-dict.ts';
import type { Document } from './document.ts';
import { digestTensors } from './hash.ts';
import type { Pool } from './ports.ts';
import type { ScanOptions } from './scan.ts';

/** Two tensors of one shape. */
export interface TensorPair {
  readonly a: TensorValue;
  readonly b: TensorValue;
}

/** How the values of two tensors differ; the numbers where they are computed. */
export interface ValueDifference {
  /** Every element is the same, to the bit. */
  readonly identical: boolean;
  readonly maxAbs?: number;
  readonly meanAbs?: number;
  readonly rms?: number;
  readonly relL2?: number;
  readonly cosine?: number;
}

/**
 * Compares the values of pairs, in their order; undefined where the bytes of one are not here.
 *
 * @throws `cancelled` when the signal fires, `source` when a file cannot be read.
 */
export async function compareTensors(
  a: Document,
  b: Document,
  pairs: readonly TensorPair[],
  pool: Pool,
  { signal, onProgress }: ScanOptions = {},
): Promise<readonly (ValueDifference | undefined)[]> {
  const half = (part: 0 | 1) =>
    onProgress && ((done: number, total: number) => onProgress(part * total + done, 2 * total));
  const of = (part: 0 | 1) => ({ ...(signal && { signal }), ...(onProgress && { onProgress: half(part)! }) });
  const inA = await digestTensors(
    a,
    pairs.map((pair) => pair.a),
    pool,
    of(0),
  );
  const inB = await digestTensors(
    b,
    pairs.map((pair) => pair.b),
    pool,
    of(1),
  );
  return pairs.map((pair, i) => {
    if (inA[i] === undefined || inB[i] === undefined) return undefined;
    return { identical: inA[i] === inB[i] && meansTheSame(pair) };
  });
}

/** Whether equal bytes are equal values. */
const meansTheSame = ({ a, b }: TensorPair): boolean =>
  a.dtype === b.dtype &&
  (a.negative ?? false) === (b.negative ?? false) &&
  (a.conjugate ?? false) === (b.conjugate ?? false) &&
  JSON.stringify(a.quant ?? null) === JSON.stringify(b.quant ?? null);
