import { findBlock, usualOf } from '../block-parts.ts';
import { computeLanguageModel, findLanguageModel, tokensInput } from '../language-model.ts';
import type { Lowering } from '../lowering.ts';
import type { ModuleNode } from '../module-node.ts';

/** Models whose positions turn queries and keys. */
const rotaryLowering = (kind: string, takes: (layer: ModuleNode) => boolean): Lowering => ({
  kind,
  takes: (module) => {
    const parts = findLanguageModel(module);
    return parts !== undefined && parts.positions === undefined && takes(parts.layers[0]!);
  },
  inputs: (module) => [tokensInput(findLanguageModel(module)!)],
  lower: (module, { tokens }, assume, g) =>
    computeLanguageModel(module, findLanguageModel(module)!, tokens!, assume, g),
});

const isBeside = (layer: ModuleNode): boolean => {
  const block = findBlock(layer);
  return block !== undefined && usualOf(block.attention.place).beside !== undefined;
};

/** GPT-NeoX and its kin (Pythia, GPT-J, Phi-2): the feed-forward part of a block stands beside its attention. */
export const gptNeoxLowering = rotaryLowering('GPT-NeoX', isBeside);

/** Llama and its kin (Mistral, Qwen, Phi-3, Gemma, OLMo 2): one part stands behind the other. */
export const llamaLowering = rotaryLowering('Llama', (layer) => !isBeside(layer));
