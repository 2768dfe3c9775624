import type { Assumptions } from '../assumptions.ts';
import {
  type AttentionPlace,
  askParallel,
  type BlockParts,
  contentsOf,
  findBlock,
  normsOf,
  type Part,
} from '../block-parts.ts';
import { type GraphBuilder, notRunnable, type Value } from '../build.ts';
import { computeExperts } from '../experts.ts';
import { computeGated, computeTwoLayers, findTwoLayers } from '../feed-forward.ts';
import { refuseRest } from '../known-parts.ts';
import type { Lowering } from '../lowering.ts';
import { findChild, findTensor, type ModuleNode } from '../module-node.ts';
import { add, multiply } from '../operators.ts';
import { computeAttention } from '../self-attention.ts';
import { sequenceInput } from '../sequence-input.ts';

/**
 * A transformer block: one part behind the other (GPT-2, Llama, ViT) or beside it (GPT-NeoX), with norms of what its parts take, of
 * what they give (OLMo 2), or of both (Gemma 2).
 */
export const blockLowering: Lowering = {
  kind: 'Block',
  takes: (module) => findBlock(module) !== undefined,
  inputs: (module) => [sequenceInput(widthOf(normsOf(findBlock(module)!)[0]!))],
  lower: (module, { input }, assume, g) => {
    const parts = findBlock(module)!;
    refuseRest(module, contentsOf(parts), ['attn_rot_embd', 'rope_freqs']);
    suggestEps(module, parts, assume);
    const { attention, feedForward } = parts;
    const attend = (x: Value) => runAttention(module, attention.place, x, assume, g);
    const feed = (x: Value) => runFeedForward(module, parts, x, assume, g);
    if (askParallel(module, parts, assume)) {
      const normal = normalised(attention.before, input!, g);
      const attended = finished(attention, attend(normal), g);
      const given = feedForward.before ? g.apply(feedForward.before, input!) : normal;
      return { output: add(g, add(g, finished(feedForward, feed(given), g), attended), input!) };
    }
    const x = add(g, input!, finished(attention, attend(normalised(attention.before, input!, g)), g));
    return { output: add(g, x, finished(feedForward, feed(normalised(feedForward.before, x, g)), g)) };
  },
};

const normalised = (norm: ModuleNode | undefined, x: Value, g: GraphBuilder): Value => (norm ? g.apply(norm, x) : x);

/** What a part gives, as it is added. */
const finished = ({ after, scale }: Part<unknown>, given: Value, g: GraphBuilder): Value =>
  scaled(scale, normalised(after, given, g), g);

function runAttention(block: ModuleNode, place: AttentionPlace, x: Value, assume: Assumptions, g: GraphBuilder): Value {
  if ('module' in place) return g.apply(place.module, x);
  return computeAttention(block, place.parts, x, assume, g);
}

function runFeedForward(
  block: ModuleNode,
  { feedForward: { place } }: BlockParts,
  x: Value,
  assume: Assumptions,
  g: GraphBuilder,
): Value {
  if ('experts' in place) return computeExperts(block, place.experts, x, assume, g);
  if ('gated' in place) return computeGated(block, place.gated, x, assume, g);
  if ('layers' in place) return computeTwoLayers(block, place.layers, x, assume, g);
  const usual = findTwoLayers(place.module)?.usual;
  if (usual) {
    const why = `as in the blocks of ${usual.of}`;
    assume.suggest(place.module.path, 'activation', { value: usual.activation, source: 'name', why });
  }
  return g.apply(place.module, x);
}

/** LayerScale: one number for each feature. */
function scaled(scale: ModuleNode | undefined, x: Value, g: GraphBuilder): Value {
  if (!scale) return x;
  const weight = findTensor(scale, 'gamma', 'lambda1', 'weight');
  if (!weight) throw notRunnable(scale, 'it has no gamma', 'Open the file that has it');
  return multiply(g, x, g.weight(weight));
}

const widthOf = (norm: ModuleNode): number => findTensor(norm, 'weight', 'scale', 'affine', 'gamma')?.shape[0] ?? 1;

/** What stands below the root in the norms of a ViT: each library has its own. */
function suggestEps(block: ModuleNode, parts: BlockParts, assume: Assumptions): void {
  const isTimm = findChild(block, 'attn.qkv') !== undefined;
  if (!isTimm && parts.attention.before?.name !== 'layernorm_before') return;
  const value = isTimm ? 1e-6 : 1e-12;
  const why = `the ViT of ${isTimm ? 'timm' : 'Hugging Face'} adds ${value}`;
  for (const { path } of normsOf(parts)) assume.suggest(path, 'eps', { value, source: 'name', why });
}
