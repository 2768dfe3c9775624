import { refuseRest } from '../known-parts.ts';
import type { Lowering } from '../lowering.ts';
import { findChild, type ModuleNode, numberedChildren } from '../module-node.ts';
import { scaleOf } from '../normalise.ts';
import { sequenceInput } from '../sequence-input.ts';

/** Transformer blocks one after the other: `h` of GPT-2, BERT's encoder, `torch.nn.TransformerEncoder` with or without a last norm. */
export const layerStackLowering: Lowering = {
  kind: 'Transformer layers',
  takes: (module) => findStack(module) !== undefined,
  inputs: (module) => [sequenceInput(findWidth(findStack(module)!.layers[0]!) ?? 1)],
  lower: (module, { input }, _, g) => {
    const { layers, norm } = findStack(module)!;
    refuseRest(module, norm ? [...layers, norm] : layers);
    const x = g.chain(layers, input!);
    return { output: norm ? g.apply(norm, x) : x };
  },
};

interface Stack {
  readonly layers: readonly ModuleNode[];
  readonly norm?: ModuleNode;
}

function findStack(module: ModuleNode): Stack | undefined {
  const list = findChild(module, 'layers', 'layer', 'h', 'blocks');
  const norm = findChild(module, 'norm');
  const others = [...module.children.values()].filter((child) => child !== list && child !== norm);
  if (list && others.length > 0) return undefined;
  const layers = numberedChildren(list ?? module).map(([, layer]) => layer);
  const isStack = layers.length === (list ?? module).children.size && layers.every(({ kind }) => kind === 'Block');
  if (layers.length === 0 || !isStack) return undefined;
  return { layers, ...(list && norm && { norm }) };
}

/** Features that its norms take. */
function findWidth(module: ModuleNode): number | undefined {
  if (module.kind === 'LayerNorm' || module.kind === 'RMSNorm') return scaleOf(module)?.shape[0];
  for (const child of module.children.values()) {
    const found = findWidth(child);
    if (found !== undefined) return found;
  }
  return undefined;
}
