import { computeLanguageModel, findLanguageModel, tokensInput } from '../language-model.ts';
import type { Lowering } from '../lowering.ts';

/** Llama and its kin (Mistral, Qwen, Phi-3, SmolLM): positions turn queries and keys, MLPs are gated. */
export const llamaLowering: Lowering = {
  kind: 'Llama',
  takes: (module) => {
    const parts = findLanguageModel(module);
    return parts !== undefined && parts.positions === undefined;
  },
  inputs: (module) => [tokensInput(findLanguageModel(module)!)],
  lower: (module, { tokens }, assume, g) =>
    computeLanguageModel(module, findLanguageModel(module)!, tokens!, assume, g),
};
