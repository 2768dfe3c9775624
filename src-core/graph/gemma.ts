/** Gemma's layers have names of Llama and are computed otherwise: which of its generations they are of. */
import type { Assumptions } from './assumptions.ts';
import { findChild, type ModuleNode, numberedChildren } from './module-node.ts';

export interface Gemma {
  readonly generation: 1 | 2 | 3;
  readonly source: 'file' | 'name';
  /** The end of "… because …". */
  readonly why: string;
}

const FAMILIES: Readonly<Record<string, Gemma['generation']>> = {
  gemma: 1,
  recurrent_gemma: 1,
  gemma2: 2,
  gemma3: 3,
  gemma3_text: 3,
};

/** By the config, or without one by norms that no others have so. A first Gemma without its config is told from a Llama by nothing. */
export function gemmaOf(module: ModuleNode, assume: Assumptions): Gemma | undefined {
  const family = assume.configText('model_type');
  if (family !== undefined) {
    const generation = FAMILIES[family];
    return generation && { generation, source: 'file', why: `the config is that of ${family}` };
  }
  const layer = layerNear(module);
  if (!layer) return undefined;
  const generation = findChild(layer, 'self_attn.q_norm') ? 3 : 2;
  return { generation, source: 'name', why: `norms stand around both parts of its layers, as in Gemma ${generation}` };
}

const isLayer = (module: ModuleNode): boolean =>
  module.children.has('pre_feedforward_layernorm') && module.children.has('post_feedforward_layernorm');

/** From a norm of heads to its layer are two steps. */
const STEPS = 3;

/** The layer that a module is in, or a layer that is in the module or stands beside it. */
function layerNear(module: ModuleNode): ModuleNode | undefined {
  let at: ModuleNode | undefined = module;
  for (let step = 0; at && step < STEPS; step++) {
    if (isLayer(at)) return at;
    const list: ModuleNode | undefined = findChild(at, 'layers');
    const first = list && numberedChildren(list)[0]?.[1];
    if (first && isLayer(first)) return first;
    at = at.parent;
  }
  return undefined;
}
