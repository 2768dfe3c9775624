import { computeTwoLayers, findTwoLayers } from '../feed-forward.ts';
import { refuseRest } from '../known-parts.ts';
import type { Lowering } from '../lowering.ts';
import { findTensor, type ModuleNode } from '../module-node.ts';

/** The feed-forward part of a transformer block: two layers with an activation between them, as in GPT-2 and ViT. */
export const twoLayerMlpLowering: Lowering = {
  kind: 'Transformer MLP',
  takes: (module) => module.kind !== 'Block' && findTwoLayers(module) !== undefined,
  inputs: (module) => {
    const size = featuresOf(findTwoLayers(module)!);
    return [{ name: 'input', dtype: 'f32', meaning: 'features', dims: [{ size: 1, free: 'batch' }, { size }] }];
  },
  lower: (module, { input }, assume, g) => {
    const layers = findTwoLayers(module)!;
    refuseRest(module, [layers.first, layers.second]);
    return { output: computeTwoLayers(module, layers, input!, assume, g) };
  },
};

/** What the first layer does not give to the second. */
function featuresOf({ first, second }: { readonly first: ModuleNode; readonly second: ModuleNode }): number {
  const { shape } = findTensor(first, 'weight', 'kernel')!;
  const isTransposed = findTensor(first, 'kernel') !== undefined || first.kind === 'Conv1D' || second.kind === 'Conv1D';
  return shape[isTransposed ? 0 : 1]!;
}
