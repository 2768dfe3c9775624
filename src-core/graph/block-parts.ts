/** Finds the parts of a transformer block by the names that libraries give them. */
import type { Assumptions, Guess } from './assumptions.ts';
import { type AttentionParts, findAttention, partsOf } from './attention-parts.ts';
import { type Experts, findExperts, partsOfExperts } from './experts.ts';
import { findGated, findTwoLayers, type Gated, partsOfGated, type TwoLayers } from './feed-forward.ts';
import { findChild, findTensor, type ModuleNode } from './module-node.ts';

/** A module inside the block, or the parts of one that lie in the block itself. */
export type AttentionPlace = { readonly module: ModuleNode } | { readonly parts: AttentionParts };
export type FeedForwardPlace =
  | { readonly module: ModuleNode }
  | { readonly experts: Experts }
  | { readonly gated: Gated }
  | { readonly layers: TwoLayers };

export interface BlockParts {
  readonly attention: Part<AttentionPlace>;
  readonly feedForward: Part<FeedForwardPlace>;
}

/** One half of a block, with what stands around it. */
export interface Part<Place> {
  readonly place: Place;
  readonly before?: ModuleNode;
  /** A norm of what it gives, and what that is multiplied by, before it is added. */
  readonly after?: ModuleNode;
  readonly scale?: ModuleNode;
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
const NORM2 = ['ln_2', 'pre_feedforward_layernorm', 'norm2', 'layernorm_after', 'ffn_norm', 'ln2', 'layer_norm2'];
/** Llama calls the norm before its MLP so; with other norms around it is the one behind the attention. */
const BETWEEN = 'post_attention_layernorm';
const BEHIND1 = ['post_attention_norm'];
const BEHIND2 = ['post_feedforward_layernorm', 'post_ffw_norm'];
const ATTENTION = ['attn', 'self_attn', 'attention', 'self_attention'];
const FEED_FORWARD = ['mlp', 'feed_forward', 'ffn', 'feedforward', 'block_sparse_moe'];

/** Undefined where it is no block, or one that normalises what it adds up (BERT's). */
export function findBlock(module: ModuleNode): BlockParts | undefined {
  const attention = findAttentionPlace(module);
  const feedForward = findFeedForward(module);
  if (!attention || !feedForward) return undefined;
  const [first, second] = [findChild(module, ...NORM1), findChild(module, ...NORM2)];
  const between = findChild(module, BETWEEN);
  const behind = findChild(module, ...BEHIND2);
  const after1 = findChild(module, ...BEHIND1) ?? (second || behind ? between : undefined);
  const before2 = second ?? (behind ? undefined : between);
  // One that normalises nothing on one of its ways is no block.
  const isAlone = first && usualOf(attention).beside === 'same norm';
  if (!(first ?? after1) || !(before2 ?? behind ?? isAlone)) return undefined;
  const [scale1, scale2] = [findChild(module, 'ls1', 'layer_scale1'), findChild(module, 'ls2', 'layer_scale2')];
  return {
    attention: around(attention, first, after1, scale1),
    feedForward: around(feedForward, before2, behind, scale2),
  };
}

const around = <Place>(
  place: Place,
  before: ModuleNode | undefined,
  after: ModuleNode | undefined,
  scale: ModuleNode | undefined,
): Part<Place> => ({ place, ...(before && { before }), ...(after && { after }), ...(scale && { scale }) });

function findAttentionPlace(module: ModuleNode): AttentionPlace | undefined {
  const inside = findChild(module, ...ATTENTION);
  if (inside && (findAttention(inside) || findTensor(inside, 'in_proj_weight'))) return { module: inside };
  const parts = findAttention(module);
  return parts && { parts };
}

function findFeedForward(module: ModuleNode): FeedForwardPlace | undefined {
  const inside = findChild(module, ...FEED_FORWARD);
  if (inside) return { module: inside };
  const experts = findExperts(module);
  if (experts) return { experts };
  const gated = findGated(module);
  if (gated) return { gated };
  const layers = findTwoLayers(module);
  return layers && { layers };
}

/** What its attention is usually like. */
export const usualOf = (place: AttentionPlace): Partial<AttentionParts['usual']> =>
  ('parts' in place ? place.parts : findAttention(place.module))?.usual ?? {};

/** Whether both parts take what the block is given, with one norm for both where there is one only. */
export function askParallel(module: ModuleNode, { attention, feedForward }: BlockParts, assume: Assumptions): boolean {
  if (!feedForward.before && !feedForward.after) return true;
  const { beside, of } = usualOf(attention.place);
  const configured = assume.configFlag('use_parallel_residual');
  if (configured === undefined && !beside && assume.corrected(module.path, 'parallel') === undefined) return false;
  const guess: Guess<boolean> =
    configured !== undefined
      ? { value: configured, source: 'file', why: 'the config says so' }
      : { value: beside !== undefined, source: 'name', why: `as in ${of ?? 'most blocks'}` };
  return assume.ask(module.path, 'parallel', { ...guess, choices: [true, false] });
}

/** Norms of a block, in the order in which they are met. */
export const normsOf = ({ attention, feedForward }: BlockParts): readonly ModuleNode[] =>
  [attention.before, attention.after, feedForward.before, feedForward.after].filter((norm) => norm !== undefined);

/** Everything in a block that is computed. */
export function contentsOf(parts: BlockParts): readonly { readonly path: string }[] {
  const { attention, feedForward } = parts;
  const scales = [attention.scale, feedForward.scale].filter((part) => part !== undefined);
  return [...normsOf(parts), ...scales, ...inAttention(attention.place), ...inFeedForward(feedForward.place)];
}

const inAttention = (place: AttentionPlace): readonly ModuleNode[] =>
  'module' in place ? [place.module] : partsOf(place.parts);

function inFeedForward(place: FeedForwardPlace): readonly { readonly path: string }[] {
  if ('module' in place) return [place.module];
  if ('experts' in place) return partsOfExperts(place.experts);
  return 'gated' in place ? partsOfGated(place.gated) : [place.layers.first, place.layers.second];
}
