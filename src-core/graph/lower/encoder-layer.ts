import type { Value } from '../build.ts';
import { computeTwoLayers, findTwoLayers } from '../feed-forward.ts';
import { refuseRest } from '../known-parts.ts';
import type { Lowering } from '../lowering.ts';
import { findTensor, type ModuleNode } from '../module-node.ts';
import { add } from '../operators.ts';
import { sequenceInput } from '../sequence-input.ts';

/** `torch.nn.TransformerEncoderLayer`. Weights do not tell whether it normalises before or after. */
export const encoderLayerLowering: Lowering = {
  kind: 'TransformerEncoderLayer',
  takes: (module) =>
    PARTS.every((name) => module.children.has(name)) &&
    findTensor(module.children.get('self_attn')!, 'in_proj_weight') !== undefined,
  inputs: (module) => [sequenceInput(findTensor(module.children.get('norm1')!, 'weight')?.shape[0] ?? 1)],
  lower: (module, { input }, assume, g) => {
    const [attention, norm1, norm2, linear1, linear2] = PARTS.map((name) => module.children.get(name)!) as Five;
    refuseRest(module, [attention, norm1, norm2, linear1, linear2]);
    const first = assume.ask(module.path, 'norm_first', {
      value: false,
      source: 'default',
      why: 'torch.nn.TransformerEncoderLayer normalises after, unless it is made with norm_first=True',
      choices: [true, false],
    });
    const feed = (x: Value) => computeTwoLayers(module, findTwoLayers(module)!, x, assume, g);
    if (first) {
      const x = add(g, input!, g.apply(attention, g.apply(norm1, input!)));
      return { output: add(g, x, feed(g.apply(norm2, x))) };
    }
    const x = g.apply(norm1, add(g, input!, g.apply(attention, input!)));
    return { output: g.apply(norm2, add(g, x, feed(x))) };
  },
};

const PARTS = ['self_attn', 'norm1', 'norm2', 'linear1', 'linear2'];
type Five = [ModuleNode, ModuleNode, ModuleNode, ModuleNode, ModuleNode];
