import { findAttention, partsOf, widthIn } from '../attention-parts.ts';
import { refuseRest } from '../known-parts.ts';
import type { Lowering } from '../lowering.ts';
import { findChild, type ModuleNode } from '../module-node.ts';
import { add } from '../operators.ts';
import { computeAttention } from '../self-attention.ts';
import { sequenceInput } from '../sequence-input.ts';

/** Self-attention by GPT-2's, Llama's, BERT's, ViT's, Flax's or GGUF's names. BERT's adds its input, and normalises. */
export const attentionLowering: Lowering = {
  kind: 'Attention',
  takes: (module) => module.kind !== 'Block' && findAttention(module) !== undefined,
  inputs: (module) => [sequenceInput(widthIn(findAttention(module)!))],
  lower: (module, { input }, assume, g) => {
    const parts = findAttention(module)!;
    const norm = normBehind(module);
    refuseRest(module, [...partsOf(parts), ...(norm ? [norm] : [])], TABLES);
    const mixed = computeAttention(module, parts, input!, assume, g);
    return { output: norm ? g.apply(norm, add(g, mixed, input!)) : mixed };
  },
};

/** What is kept with it and not learned: a mask, the angles of positions. */
const TABLES = ['bias', 'masked_bias', 'inv_freq', 'rotary_emb'];

const normBehind = (module: ModuleNode): ModuleNode | undefined => findChild(module, 'output.LayerNorm');
