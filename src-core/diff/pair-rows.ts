import type { OpenPairing } from './pair.ts';
import type { Match } from './pairing.ts';

/** Rows of the pairs in their order: that of A; what only B has follows what it follows there. -1 where there is none. */
export interface PairRows {
  readonly count: number;
  readonly rowA: Int32Array<ArrayBuffer>;
  readonly rowB: Int32Array<ArrayBuffer>;
  /** What there is to tell of a pair; of most that is nothing but the same key. */
  readonly matchOf: (pair: number) => Match | undefined;
}

export function orderPairs({ a, b, sameKey, matches }: OpenPairing): PairRows {
  const [countA, countB] = [a.columns.count, b.columns.count];
  const partner = sameKey.slice();
  const matchAt = new Int32Array(countA).fill(-1);
  for (const [i, { rowA, rowB }] of matches.entries()) {
    partner[rowA] = rowB;
    matchAt[rowA] = i;
  }
  const hasPartner = new Uint8Array(countB);
  let pairs = 0;
  for (const row of partner) {
    if (row < 0) continue;
    hasPartner[row] = 1;
    pairs++;
  }
  const count = countA + countB - pairs;
  const [rowA, rowB] = [new Int32Array(count), new Int32Array(count)];
  let next = 0;
  const put = (inA: number, inB: number) => {
    rowA[next] = inA;
    rowB[next++] = inB;
  };
  /** What only B has, from a row on. */
  const putAdded = (from: number) => {
    for (let row = from; row < countB && hasPartner[row] === 0; row++) put(-1, row);
  };
  putAdded(0);
  for (let row = 0; row < countA; row++) {
    const inB = partner[row]!;
    put(row, inB);
    if (inB >= 0) putAdded(inB + 1);
  }
  const matchOf = (pair: number): Match | undefined => {
    const at = rowA[pair]! < 0 ? -1 : matchAt[rowA[pair]!]!;
    return at < 0 ? undefined : matches[at];
  };
  return { count, rowA, rowB, matchOf };
}
