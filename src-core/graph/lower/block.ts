import type { Assumptions } from '../assumptions.ts';
import { computeAttention } from '../attention-parts.ts';
import { type BlockParts, findBlock, modulesOf } from '../block-parts.ts';
import { type GraphBuilder, notRunnable, type Value } from '../build.ts';
import { computeGated, computeTwoLayers, findTwoLayers } from '../feed-forward.ts';
import { refuseRest } from '../known-parts.ts';
import type { Lowering } from '../lowering.ts';
import { findChild, findTensor, type ModuleNode } from '../module-node.ts';
import { add, multiply } from '../operators.ts';
import { sequenceInput } from '../sequence-input.ts';

/** A transformer block that normalises first: GPT-2's, Llama's, ViT's, and those of GGUF files. */
export const blockLowering: Lowering = {
  kind: 'Block',
  takes: (module) => findBlock(module) !== undefined,
  inputs: (module) => [sequenceInput(widthOf(findBlock(module)!.norm1))],
  lower: (module, { input }, assume, g) => {
    const parts = findBlock(module)!;
    refuseRest(module, modulesOf(parts), ['attn_rot_embd', 'rope_freqs']);
    suggestEps(module, parts, assume);
    const attended = runAttention(module, parts, g.apply(parts.norm1, input!), assume, g);
    const x = add(g, input!, scaled(parts.scale1, attended, g));
    const fed = runFeedForward(module, parts, g.apply(parts.norm2, x), assume, g);
    return { output: add(g, x, scaled(parts.scale2, fed, g)) };
  },
};

function runAttention(
  block: ModuleNode,
  { attention }: BlockParts,
  x: Value,
  assume: Assumptions,
  g: GraphBuilder,
): Value {
  if ('module' in attention) return g.apply(attention.module, x);
  return computeAttention(block, attention.parts, x, assume, g);
}

function runFeedForward(
  block: ModuleNode,
  { feedForward }: BlockParts,
  x: Value,
  assume: Assumptions,
  g: GraphBuilder,
): Value {
  if ('gated' in feedForward) return computeGated(block, feedForward.gated, x, assume, g);
  if ('layers' in feedForward) return computeTwoLayers(block, feedForward.layers, x, assume, g);
  const usual = findTwoLayers(feedForward.module)?.usual;
  if (usual) {
    const why = `as in the blocks of ${usual.of}`;
    assume.suggest(feedForward.module.path, 'activation', { value: usual.activation, source: 'name', why });
  }
  return g.apply(feedForward.module, x);
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
function suggestEps(block: ModuleNode, { norm1, norm2 }: BlockParts, assume: Assumptions): void {
  const isTimm = findChild(block, 'attn.qkv') !== undefined;
  if (!isTimm && norm1.name !== 'layernorm_before') return;
  const value = isTimm ? 1e-6 : 1e-12;
  const why = `the ViT of ${isTimm ? 'timm' : 'Hugging Face'} adds ${value}`;
  for (const { path } of [norm1, norm2]) assume.suggest(path, 'eps', { value, source: 'name', why });
}
