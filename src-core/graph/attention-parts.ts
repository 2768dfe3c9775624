/** Finds the parts of an attention by the names that libraries give them. */
import { findChild, findTensor, type ModuleNode } from './module-node.ts';
import type { RopeStyle } from './rope.ts';

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
export interface Usual {
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

/** The matrix of a projection. */
export const weightOf = (module: ModuleNode) => findTensor(module, 'weight', 'kernel');
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
