/** Biases of T5: what is added to the score of two tokens depends on how far apart they stand, in buckets that grow with the distance. */
import type { GraphBuilder, Value } from './build.ts';
import { gather, reshape, transpose } from './operators.ts';

export interface Buckets {
  /** Of all tokens before and after; of those before alone where a token sees no others. */
  readonly count: number;
  /** Tokens that are farther apart are in the last bucket. */
  readonly maxDistance: number;
  readonly causal: boolean;
}

/** [1, heads, length, length], from a table of [buckets, heads]. */
export function distanceBias(g: GraphBuilder, table: Value, length: number, buckets: Buckets): Value {
  const ofDistance = Array.from({ length: 2 * length - 1 }, (_, i) => bucketOf(i - (length - 1), buckets));
  const numbers: number[] = [];
  for (let query = 0; query < length; query++)
    for (let key = 0; key < length; key++) numbers.push(ofDistance[key - query + length - 1]!);
  const biases = gather(g, table, g.constant('i64', [length, length], numbers));
  return reshape(g, transpose(g, biases, [2, 0, 1]), [1, table.shape[1]!, length, length]);
}

/** Bucket of a token that stands `distance` behind another (before it where negative): half are exact, half logarithmic. */
function bucketOf(distance: number, { count, maxDistance, causal }: Buckets): number {
  const half = causal ? count : Math.floor(count / 2);
  const start = !causal && distance > 0 ? half : 0;
  const away = causal ? Math.max(0, -distance) : Math.abs(distance);
  const exact = Math.floor(half / 2);
  if (away < exact) return start + away;
  // Rounded to f32 at each step as PyTorch does it: at powers of two the last bit decides.
  const share = Math.fround(
    Math.fround(Math.log(Math.fround(away / exact))) / Math.fround(Math.log(maxDistance / exact)),
  );
  const step = Math.trunc(Math.fround(share * (half - exact)));
  return start + Math.min(half - 1, exact + step);
}
