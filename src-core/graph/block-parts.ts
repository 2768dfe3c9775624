/** Finds the parts of a transformer block by the names that libraries give them. */
import { type AttentionParts, findAttention, partsOf } from './attention-parts.ts';
import { findGated, findTwoLayers, type Gated, partsOfGated, type TwoLayers } from './feed-forward.ts';
import { findChild, findTensor, type ModuleNode } from './module-node.ts';

/** A module inside the block, or the parts of one that lie in the block itself. */
export type AttentionPlace = { readonly module: ModuleNode } | { readonly parts: AttentionParts };
export type FeedForwardPlace =
  | { readonly module: ModuleNode }
  | { readonly gated: Gated }
  | { readonly layers: TwoLayers };

export interface BlockParts {
  readonly norm1: ModuleNode;
  readonly attention: AttentionPlace;
  /** What the attention's answer is multiplied by, before it is added. */
  readonly scale1?: ModuleNode;
  readonly norm2: ModuleNode;
  readonly feedForward: FeedForwardPlace;
  readonly scale2?: ModuleNode;
}

const NORM1 = [
  'ln_1',
  'input_layernorm',
  'norm1',
  'layernorm_before',
  'attn_norm',
  'attention_norm',
  'ln1',
  'layer_norm1',
];
const NORM2 = ['ln_2', 'post_attention_layernorm', 'norm2', 'layernorm_after', 'ffn_norm', 'ln2', 'layer_norm2'];
const ATTENTION = ['attn', 'self_attn', 'attention', 'self_attention'];
const FEED_FORWARD = ['mlp', 'feed_forward', 'ffn', 'feedforward'];

/** Undefined where it is no block that normalises first. */
export function findBlock(module: ModuleNode): BlockParts | undefined {
  const [norm1, norm2] = [findChild(module, ...NORM1), findChild(module, ...NORM2)];
  const attention = findAttentionPlace(module);
  const feedForward = findFeedForward(module);
  if (!norm1 || !norm2 || !attention || !feedForward) return undefined;
  const [scale1, scale2] = [findChild(module, 'ls1', 'layer_scale1'), findChild(module, 'ls2', 'layer_scale2')];
  return { norm1, attention, norm2, feedForward, ...(scale1 && { scale1 }), ...(scale2 && { scale2 }) };
}

export function findAttentionPlace(module: ModuleNode): AttentionPlace | undefined {
  const inside = findChild(module, ...ATTENTION);
  if (inside && (findAttention(inside) || findTensor(inside, 'in_proj_weight'))) return { module: inside };
  const parts = findAttention(module);
  return parts && { parts };
}

function findFeedForward(module: ModuleNode): FeedForwardPlace | undefined {
  const inside = findChild(module, ...FEED_FORWARD);
  if (inside) return { module: inside };
  const gated = findGated(module);
  if (gated) return { gated };
  const layers = findTwoLayers(module);
  return layers && { layers };
}

export function modulesOf({ norm1, attention, scale1, norm2, feedForward, scale2 }: BlockParts): readonly ModuleNode[] {
  const inAttention = 'module' in attention ? [attention.module] : partsOf(attention.parts);
  const inFeedForward =
    'module' in feedForward
      ? [feedForward.module]
      : 'gated' in feedForward
        ? partsOfGated(feedForward.gated)
        : [feedForward.layers.first, feedForward.layers.second];
  return [norm1, ...inAttention, scale1, norm2, ...inFeedForward, scale2].filter((part) => part !== undefined);
}
