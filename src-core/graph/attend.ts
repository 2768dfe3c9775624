import type { Assumptions, Guess } from './assumptions.ts';
import type { GraphBuilder, Value } from './build.ts';
import { gemmaOf } from './gemma.ts';
import type { Heads } from './heads.ts';
import type { ModuleNode } from './module-node.ts';
import { add, matmul, multiply, reshape, scalar, softmax, transpose } from './operators.ts';
import { causalMask } from './positions.ts';
import { type Rope, rotate } from './rope.ts';
import { capSoftly } from './softcap.ts';

export interface AttendOptions extends Heads {
  /** A token looks at itself and those before it only. */
  readonly causal: boolean;
  /** What the products of queries and keys are multiplied by. */
  readonly scale: number;
  /** Tokens up to itself that a token looks at, where it is causal; all when absent or 0. */
  readonly window?: number;
  /** Scores stay within it, by tanh; without a limit when absent or 0. */
  readonly softcap?: number;
  readonly rope?: Rope;
  /** Added to scores: [1, heads, sequence, keys]. */
  readonly bias?: Value;
  /** Norms of each head of queries and of keys: [batch, sequence, heads, features] to the same. */
  readonly normQ?: ((x: Value) => Value) | undefined;
  readonly normK?: ((x: Value) => Value) | undefined;
}

/** As small as f32 goes: what a token may not look at. */
const NEVER = -3.4028234663852886e38;

/**
 * softmax(q kᵀ · scale) v for each head. Queries, keys and values are [batch, sequence, all features]; so is the answer. Where
 * several heads of queries share one of keys, they stand next to each other.
 */
export function attend(
  g: GraphBuilder,
  path: string,
  [q, k, v]: readonly [Value, Value, Value],
  options: AttendOptions,
): Value {
  const { heads, kvHeads, causal, scale, window, softcap = 0, rope, bias, normQ, normK } = options;
  const [batch, length] = q.shape as [number, Value['shape'][number]];
  const divide = (x: Value, count: number): Value =>
    reshape(g, x, [...x.shape.slice(0, 2), count, (x.shape[2] as number) / count]);
  const place = (x: Value, norm?: (x: Value) => Value): Value => {
    const normal = norm ? norm(x) : x;
    return byHead(rope ? rotate(g, normal, rope) : normal);
  };
  const byHead = (x: Value): Value => transpose(g, x, [0, 2, 1, 3]);
  const queries = multiply(g, place(divide(q, heads), normQ), scalar(g, scale));
  const keys = g.remember(path, 'key', place(divide(k, kvHeads), normK));
  const values = g.remember(path, 'value', byHead(divide(v, kvHeads)));
  const shared = heads / kvHeads;
  const group = (x: Value, count: number): Value =>
    shared === 1 ? x : reshape(g, x, [batch, kvHeads, count, ...x.shape.slice(2)]);
  const grouped = group(queries, shared);
  const rank = grouped.shape.length;
  const turned = [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2];
  let scores = capSoftly(g, matmul(g, grouped, transpose(g, group(keys, 1), turned)), softcap);
  if (bias) scores = add(g, scores, bias);
  if (causal) {
    const mask = causalMask(g, length, keys.shape[2]!, window);
    scores = g.emit('Where', [mask, scores, scalar(g, NEVER)], scores.shape, {}, 'f32');
  }
  const weights = softmax(g, scores);
  g.tap(path === '' ? 'weights' : `${path}.weights`, weights);
  const mixed = matmul(g, weights, group(values, 1));
  const width = heads * (values.shape[3] as number);
  const back = shared === 1 ? [0, 2, 1, 3] : [0, 3, 1, 2, 4];
  return reshape(g, transpose(g, mixed, back), [batch, length, width]);
}

/** One over the root of a head's features, unless the config has another. `features` go into the attention. */
export function askScale(module: ModuleNode, { heads, headDim }: Heads, features: number, assume: Assumptions): number {
  const scalar = assume.configNumber('query_pre_attn_scalar');
  const multiplier = assume.configNumber('attention_multiplier') ?? (scalar && scalar ** -0.5);
  const ask = (guess: Guess<number>) => assume.ask(module.path, 'scale', guess);
  if (multiplier !== undefined) return ask({ value: multiplier, source: 'file', why: 'the config says so' });
  const gemma = gemmaOf(module, assume);
  if (gemma && gemma.generation > 1 && headDim === 128) {
    const why = `Gemma ${gemma.generation} 27B, which has heads of 128 features, divides by the root of its features over its heads`;
    return ask({ value: (features / heads) ** -0.5, source: gemma.source, why });
  }
  const why = 'scores are divided by the root of the features of a head';
  return ask({ value: headDim ** -0.5, source: 'default', why });
}
