import { alignNones } from '../diff/none-text.ts';
import { isSameValue } from '../diff/value.ts';
import type { TensorValue } from '../model/state-dict.ts';
import { type CompareValuesOptions, matchPairs, type RowPair } from './compare-values.ts';
import type { Document } from './document.ts';
import { asTensor, digestTensors } from './hash.ts';
import type { Pool } from './ports.ts';

/**
 * Whether pairs hold the same: for tensors type, shape and every bit. 1 where they do; 0 also where it cannot be told, as nobody has the
 * data of one of them.
 *
 * @throws `cancelled` when the signal fires, `source` when a file cannot be read.
 */
export async function matchValues(
  a: Document,
  b: Document,
  pairs: readonly RowPair[],
  pool: Pool,
  options: CompareValuesOptions = {},
): Promise<Uint8Array> {
  const same = new Uint8Array(pairs.length);
  const tensors: number[] = [];
  const bytes: number[] = [];
  for (const [i, pair] of pairs.entries()) {
    const inPair = [a.state.entries.at(pair.a).value, b.state.entries.at(pair.b).value] as const;
    const [valueA, valueB] = alignNones(a.state, b.state, ...inPair);
    if (valueA.type === 'tensor' && valueB.type === 'tensor') {
      if (!isAlike(valueA, valueB)) continue;
      if (isMeta(valueA) && isMeta(valueB)) same[i] = 1;
      else tensors.push(i);
    } else if (valueA.type === 'bytes' && valueB.type === 'bytes') {
      if (valueA.length === valueB.length) bytes.push(i);
    } else if (isSameValue(valueA, valueB)) same[i] = 1;
  }
  const rows = tensors.map((i) => pairs[i] as RowPair);
  const take: Parameters<typeof matchPairs>[4] = ({ pair, equal }) => {
    if (equal) same[tensors[pair] as number] = 1;
  };
  await matchPairs(a, b, rows, pool, take, options);
  const digestsOf = (document: Document, side: 'a' | 'b') =>
    digestTensors(
      document,
      bytes.map((i) => asTensor(document.state.entries.at((pairs[i] as RowPair)[side]).value)),
      pool,
      options.signal && { signal: options.signal },
    );
  const [inA, inB] = [await digestsOf(a, 'a'), await digestsOf(b, 'b')];
  for (const [at, i] of bytes.entries()) if (inA[at] !== undefined && inA[at] === inB[at]) same[i] = 1;
  return same;
}

const isAlike = (a: TensorValue, b: TensorValue): boolean =>
  a.dtype === b.dtype && a.shape.join() === b.shape.join() && a.undeclared === b.undeclared;

/** Declared without data: there is nothing that could differ. */
const isMeta = ({ storage, undeclared, wrapper }: TensorValue): boolean =>
  storage === undefined && !undeclared && !wrapper?.startsWith('sparse');
