import { findAttention } from '../attention-parts.ts';
import { computeTwoLayers, findTwoLayers } from '../feed-forward.ts';
import { refuseRest } from '../known-parts.ts';
import type { Lowering } from '../lowering.ts';
import { findChild, findTensor } from '../module-node.ts';
import { add } from '../operators.ts';
import { sequenceInput } from '../sequence-input.ts';

/** A layer of BERT: attention and feed-forward part each add their input, and normalise what comes out. */
export const bertLayerLowering: Lowering = {
  kind: 'BERT layer',
  takes: (module) =>
    findChild(module, 'attention.output.LayerNorm') !== undefined &&
    findChild(module, 'output.LayerNorm') !== undefined &&
    findTwoLayers(module) !== undefined &&
    findAttention(module.children.get('attention')!) !== undefined,
  inputs: (module) => [sequenceInput(findTensor(findChild(module, 'output.LayerNorm')!, 'weight', 'gamma')!.shape[0]!)],
  lower: (module, { input }, assume, g) => {
    const attention = module.children.get('attention')!;
    const norm = findChild(module, 'output.LayerNorm')!;
    const layers = findTwoLayers(module)!;
    refuseRest(module, [attention, norm, layers.first, layers.second]);
    const attended = g.apply(attention, input!);
    const fed = computeTwoLayers(module, layers, attended, assume, g);
    return { output: g.apply(norm, add(g, fed, attended)) };
  },
};
