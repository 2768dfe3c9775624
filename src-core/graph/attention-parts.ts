/** Finds the parts of an attention by the names that libraries give them, and computes it. */

import { askRope } from './ask-rope.ts';
import type { Assumptions, Guess } from './assumptions.ts';
import { askScale, attend } from './attend.ts';
import { type GraphBuilder, notRunnable, type Value } from './build.ts';
import { askHeads } from './heads.ts';
import { askWindow } from './layer-types.ts';
import { findChild, findTensor, type ModuleNode } from './module-node.ts';
import { linear, product, reshape, split } from './operators.ts';
import { ROPE_STYLES, type RopeStyle } from './rope.ts';
import { askSoftcap } from './softcap.ts';

export interface AttentionParts {
  /** Projections to queries, keys and values; or one to all three, in that order. */
  readonly separate?: readonly [ModuleNode, ModuleNode, ModuleNode];
  readonly fused?: ModuleNode;
  /** What mixes the heads; absent where it stands elsewhere. */
  readonly out?: ModuleNode;
  readonly normQ?: ModuleNode;
  readonly normK?: ModuleNode;
  readonly usual: Usual;
}

/** What is usual for attentions that are called so. */
interface Usual {
  readonly causal: boolean;
  readonly rope: RopeStyle;
  readonly of: string;
  /** Features of a head that positions turn; all when absent. */
  readonly turned?: (headDim: number) => number;
  /** Queries, keys and values of the first head come first, then those of the next. */
  readonly isByHead?: true;
  /** The feed-forward part of its block stands beside it, not behind it: with a norm of its own, or with the same. */
  readonly beside?: 'own norm' | 'same norm';
}

const ENCODER: Omit<Usual, 'of'> = { causal: false, rope: 'none' };
const SEPARATE: readonly (readonly [string, string, string, Usual])[] = [
  ['q_proj', 'k_proj', 'v_proj', { ...ENCODER, of: 'CLIP and BART' }],
  ['query', 'key', 'value', { ...ENCODER, of: 'BERT and ViT' }],
  ['query_dense', 'key_dense', 'value_dense', { ...ENCODER, of: 'Keras' }],
  ['self.query', 'self.key', 'self.value', { ...ENCODER, of: 'BERT' }],
  ['attention.query', 'attention.key', 'attention.value', { ...ENCODER, of: 'ViT' }],
  ['to_q', 'to_k', 'to_v', { ...ENCODER, of: 'diffusion models' }],
  ['q_lin', 'k_lin', 'v_lin', { ...ENCODER, of: 'DistilBERT' }],
  ['wq', 'wk', 'wv', { causal: true, rope: 'interleaved', of: "Meta's Llama" }],
  ['attn_q', 'attn_k', 'attn_v', { causal: true, rope: 'interleaved', of: 'GGUF files of Llama' }],
];
const FUSED: readonly (readonly [string, Usual])[] = [
  ['c_attn', { causal: true, rope: 'none', of: 'GPT-2' }],
  ['qkv', { ...ENCODER, of: 'ViT' }],
  ['qkv_proj', { causal: true, rope: 'half', of: 'Phi-3' }],
  ['attn_qkv', { causal: true, rope: 'none', of: 'GGUF files of GPT-2' }],
  [
    'query_key_value',
    { causal: true, rope: 'half', of: 'GPT-NeoX', turned: (size) => size / 4, isByHead: true, beside: 'own norm' },
  ],
];
const OUT = [
  'o_proj',
  'out_proj',
  'attention.out_proj',
  'output.dense',
  'c_proj',
  'proj',
  'out_lin',
  'wo',
  'out',
  'attention_output',
  'output_dense',
];
const OUT_RARE = ['to_out.0', 'attn_output', 'dense'];
const NORM_Q = ['q_norm', 'attn_q_norm', 'query_ln', 'q_layernorm'];
const NORM_K = ['k_norm', 'attn_k_norm', 'key_ln', 'k_layernorm'];

/** Undefined where there are none. */
export function findAttention(module: ModuleNode): AttentionParts | undefined {
  const out = findChild(module, ...OUT, ...OUT_RARE);
  const normQ = findChild(module, ...NORM_Q);
  const normK = findChild(module, ...NORM_K);
  const more = { ...(out && { out }), ...(normQ && { normQ }), ...(normK && { normK }) };
  for (const [q, k, v, usual] of SEPARATE) {
    const [a, b, c] = [findChild(module, q), findChild(module, k), findChild(module, v)];
    if (!a || !b || !c || !widthOf(a) || !widthOf(b)) continue;
    return { separate: [a, b, c], ...more, usual: refineUsual(usual, a, b, module) };
  }
  for (const [name, usual] of FUSED) {
    const fused = findChild(module, name);
    // BLOOM and Falcon, whose attentions are called so, have positions of another kind.
    const isOther = usual.isByHead && module.name === 'self_attention';
    if (fused && !isOther && widthOf(fused)) return { fused, ...more, usual };
  }
  return undefined;
}

/** `o_proj` is Llama's, unless it has a bias as queries have; CLIP's and BART's have biases, and GPT-J's has none. GGUF files keep the features of Llama in another order than those of Qwen. */
function refineUsual(usual: Usual, q: ModuleNode, k: ModuleNode, module: ModuleNode): Usual {
  const hasBias = (node: ModuleNode | undefined): boolean =>
    node !== undefined && findTensor(node, 'bias') !== undefined;
  const o = module.children.get('o_proj');
  if (q.name === 'q_proj' && o && !(hasBias(k) && hasBias(o)))
    return { causal: true, rope: 'half', of: 'Llama and its kin' };
  if (q.name === 'q_proj' && module.children.has('dense'))
    return { causal: true, rope: 'half', of: 'Phi-2', turned: () => 32, beside: 'same norm' };
  const out = module.children.get('out_proj');
  if (q.name === 'q_proj' && out && !hasBias(k) && !hasBias(out))
    return { causal: true, rope: 'interleaved', of: 'GPT-J', turned: () => 64, beside: 'same norm' };
  const isQwen = hasBias(q) || findChild(module, ...NORM_Q);
  if (q.name === 'attn_q' && isQwen) return { causal: true, rope: 'half', of: 'GGUF files of Qwen' };
  return usual;
}

/** Every direct child that is part of it. */
export function partsOf({ separate, fused, out, normQ, normK }: AttentionParts): readonly ModuleNode[] {
  return [...(separate ?? []), fused, out, normQ, normK].filter((part) => part !== undefined);
}

const weightOf = (module: ModuleNode) => findTensor(module, 'weight', 'kernel');
/** Whether it is a matrix, or one by heads as Flax keeps it. */
const widthOf = (module: ModuleNode): boolean => {
  const rank = weightOf(module)?.shape.length;
  return rank === 2 || rank === 3;
};

/** Features that it takes: the second size of its weight, or the first where its bias or its rank says that it is transposed. */
export function widthIn(parts: AttentionParts): number {
  const [first] = parts.separate ?? [parts.fused!];
  const { shape } = weightOf(first!)!;
  const bias = findTensor(first!, 'bias')?.shape[0];
  const isTransposed = shape.length === 3 || first!.kind === 'Conv1D' || findTensor(first!, 'kernel') !== undefined;
  if (isTransposed || (bias === shape[1] && bias !== shape[0])) return shape[0]!;
  // Three times as wide as what it takes.
  return parts.fused && shape[1] === 3 * shape[0]! ? shape[0]! : shape[1]!;
}

const TURNS: Readonly<Record<RopeStyle, string>> = {
  none: 'positions do not turn queries and keys',
  half: 'positions turn features that stand half a head apart',
  interleaved: 'positions turn features that stand side by side',
};

/**
 * Self-attention of [batch, sequence, features], `out` included.
 *
 * @throws `not-runnable` where heads do not fit.
 */
export function computeAttention(
  module: ModuleNode,
  parts: AttentionParts,
  x: Value,
  assume: Assumptions,
  g: GraphBuilder,
): Value {
  const { usual } = parts;
  const { sizes, take } = project(module, parts, x, assume, g);
  const byHead = parts.separate && weightOf(parts.separate[0])!.shape;
  const normSize = parts.normQ && weightOfNorm(parts.normQ);
  const fixed = byHead?.length === 3 ? byHead[2] : normSize === sizes.q ? undefined : normSize;
  const heads = askHeads(module, { ...sizes, ...(fixed !== undefined && { headDim: fixed }) }, assume);
  const [q, k, v] = take(heads.heads);
  const causal = assume.ask(module.path, 'causal', {
    value: usual.causal,
    source: 'name',
    why: `${usual.causal ? 'a token sees none after it' : 'all tokens see each other'}, as in ${usual.of}`,
    choices: [true, false],
  });
  const style = assume.ask(module.path, 'rope_style', { ...guessStyle(parts, assume), choices: ROPE_STYLES });
  const features = x.shape[2] as number;
  const scale = askScale(module, heads, features, assume);
  const window = causal ? askWindow(module, features, assume) : 0;
  const softcap = askSoftcap(module, 'softcap', assume);
  // Qwen 3 normalises each head, OLMo 2 all of them together.
  const isWhole = parts.normQ !== undefined && normSize === sizes.q && normSize !== heads.headDim;
  if (parts.normQ && !isWhole && normSize !== heads.headDim)
    throw notRunnable(
      module,
      `its norm of queries has ${normSize} features, and a head has ${heads.headDim}`,
      `Say it has ${sizes.q / (normSize ?? 1)} heads`,
    );
  const whole = (norm: ModuleNode | undefined, y: Value): Value => (norm && isWhole ? g.apply(norm, y) : y);
  const each = (norm: ModuleNode | undefined) => (norm && !isWhole ? (y: Value) => g.apply(norm, y) : undefined);
  const mixed = attend(g, module.path, [whole(parts.normQ, q), whole(parts.normK, k), v], {
    ...heads,
    causal,
    scale,
    window,
    softcap,
    ...(style !== 'none' && { rope: askRope(module, style, { features, headDim: heads.headDim }, usual, assume) }),
    normQ: each(parts.normQ),
    normK: each(parts.normK),
  });
  // Where the heads are a module of their own (`self` of BERT), this is what it gives.
  const within = (parts.separate?.[0] ?? parts.fused!).path.replace(/\.?[^.]*$/, '');
  if (within !== module.path) g.tap(within, mixed);
  return parts.out ? projectOut(parts.out, mixed, g) : mixed;
}

const weightOfNorm = (norm: ModuleNode): number | undefined => findTensor(norm, 'weight', 'scale', 'gamma')?.shape[0];

/** Files of llama.cpp whose features are turned half a head apart, though its names are those of Llama and GPT-2 too. */
const HALF = /^(gemma[23]?|qwen[23]?(moe)?|phi[23]|olmo2|olmoe|gptneox|stablelm|starcoder2)$/;

function guessStyle({ separate, fused, usual }: AttentionParts, assume: Assumptions): Guess<RopeStyle> {
  const family = assume.configText('model_type') ?? '';
  const isGguf = /^attn_/.test((separate?.[0] ?? fused!).name);
  if (isGguf && HALF.test(family))
    return { value: 'half', source: 'file', why: `${TURNS.half}, as in all files of ${family}` };
  return { value: usual.rope, source: 'name', why: `${TURNS[usual.rope]}, as in ${usual.of}` };
}

interface Projected {
  /** Features of queries and of keys. */
  readonly sizes: { readonly q: number; readonly kv: number };
  /** Queries, keys and values, with those of a head side by side. */
  readonly take: (heads: number) => readonly [Value, Value, Value];
}

function project(
  module: ModuleNode,
  { separate, fused, out, usual }: AttentionParts,
  x: Value,
  assume: Assumptions,
  g: GraphBuilder,
): Projected {
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
function projectOut(module: ModuleNode, x: Value, g: GraphBuilder): Value {
  const weight = weightOf(module);
  if (weight?.shape.length !== 3) return g.apply(module, x);
  const bias = findTensor(module, 'bias');
  const flat = reshape(g, g.weight(weight), [product(weight.shape.slice(0, 2)), weight.shape[2]!]);
  const y = linear(g, x, flat, bias && g.weight(bias), true);
  g.tap(module.path, y);
  return y;
}
