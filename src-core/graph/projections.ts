/** What an attention is given as queries, keys and values, and what leaves it: through layers of their own, or of all three. */
import type { Assumptions } from './assumptions.ts';
import { type AttentionParts, type Usual, weightOf } from './attention-parts.ts';
import { type GraphBuilder, notRunnable, type Value } from './build.ts';
import { findTensor, type ModuleNode } from './module-node.ts';
import { linear, product, reshape, split } from './operators.ts';

interface Projections {
  /** Features of queries and of keys. */
  readonly sizes: { readonly q: number; readonly kv: number };
  /** Queries, keys and values, with those of a head side by side. */
  readonly take: (heads: number) => readonly [Value, Value, Value];
}

export function project(
  module: ModuleNode,
  { separate, fused, out, usual }: AttentionParts,
  x: Value,
  assume: Assumptions,
  g: GraphBuilder,
): Projections {
  const features = x.shape[2] as number;
  if (separate) {
    const [q, k, v] = separate.map((part) => projectIn(part, x, g)) as [Value, Value, Value];
    return { sizes: { q: q.shape[2] as number, kv: k.shape[2] as number }, take: () => [q, k, v] };
  }
  const { shape } = weightOf(fused!)!;
  // A square matrix beside it does not say which way it lies: this one does.
  const isTransposed = shape[0] === features && shape[1] !== features;
  const way = isTransposed ? '[in, out]' : '[out, in]';
  const fits = `${fused!.name} fits its ${features} features as ${way}`;
  assume.suggest(fused!.path, 'transposed', { value: isTransposed, source: 'shape', why: fits });
  if (out)
    assume.suggest(out.path, 'transposed', { value: isTransposed, source: 'name', why: `${fits}, and they lie alike` });
  const all = g.apply(fused!, x);
  const width = all.shape[2] as number;
  // What comes out of the heads goes into the projection behind them.
  const q = (out && otherSide(out, features)) ?? width / 3;
  const kv = (width - q) / 2;
  if (!(Number.isInteger(kv) && kv > 0))
    throw notRunnable(
      module,
      `${fused!.name} gives ${width} features, which are not queries, keys and values`,
      'Say which way its weight lies (transposed)',
    );
  const isByHead = q === kv && askOrder(module, usual, assume) === 'by head';
  const take = (heads: number) =>
    (isByHead ? splitByHead(g, all, heads) : split(g, all, 2, [q, kv, kv])) as [Value, Value, Value];
  return { sizes: { q, kv }, take };
}

/** Where queries, keys and values lie in what one layer gives. Asked for where it is not what nearly all have. */
function askOrder({ path }: ModuleNode, { isByHead, of }: Usual, assume: Assumptions): string {
  if (!isByHead && assume.corrected(path, 'qkv_order') === undefined) return 'stacked';
  const [value, what] = isByHead ? ['by head', 'head by head'] : ['stacked', 'all queries, then keys, then values'];
  const why = `${what}, as in ${of}`;
  return assume.ask(path, 'qkv_order', { value, source: 'name', why, choices: ['stacked', 'by head'] });
}

/** [batch, sequence, heads × (query, key, value)] as three of [batch, sequence, features]. */
function splitByHead(g: GraphBuilder, all: Value, heads: number): Value[] {
  const lead = all.shape.slice(0, 2);
  const features = (all.shape[2] as number) / 3;
  const headDim = features / heads;
  const parts = split(g, reshape(g, all, [...lead, heads, 3 * headDim]), 3, [headDim, headDim, headDim]);
  return parts.map((part) => reshape(g, part, [...lead, features]));
}

/** The size of a matrix that is not the one it gives; the same where it is square. */
function otherSide(module: ModuleNode, gives: number): number | undefined {
  const [a, b, ...more] = weightOf(module)?.shape ?? [];
  if (more.length > 0) return undefined;
  return a === gives ? b : b === gives ? a : undefined;
}

/** A kernel of Flax is [features, heads, features of a head]. */
function projectIn(module: ModuleNode, x: Value, g: GraphBuilder): Value {
  const weight = weightOf(module)!;
  if (weight.shape.length === 2) return g.apply(module, x);
  const [features, heads, headDim] = weight.shape as [number, number, number];
  const bias = findTensor(module, 'bias');
  const flat = reshape(g, g.weight(weight), [features, heads * headDim]);
  const y = linear(g, x, flat, bias && reshape(g, g.weight(bias), [heads * headDim]), true);
  g.tap(module.path, reshape(g, y, [...x.shape.slice(0, -1), heads, headDim]));
  return y;
}

/** A kernel of Flax is [heads, features of a head, features]. */
export function projectOut(module: ModuleNode, x: Value, g: GraphBuilder): Value {
  const weight = weightOf(module);
  if (weight?.shape.length !== 3) return g.apply(module, x);
  const bias = findTensor(module, 'bias');
  const flat = reshape(g, g.weight(weight), [product(weight.shape.slice(0, 2)), weight.shape[2]!]);
  const y = linear(g, x, flat, bias && g.weight(bias), true);
  g.tap(module.path, y);
  return y;
}
