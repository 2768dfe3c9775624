import { computeLanguageModel, findLanguageModel, tokensInput } from '../language-model.ts';
import type { Lowering } from '../lowering.ts';

/** GPT-2 and models named alike: learned positions, blocks that normalise first. */
export const gpt2Lowering: Lowering = {
  kind: 'GPT-2',
  takes: (module) => findLanguageModel(module)?.positions !== undefined,
  inputs: (module) => [tokensInput(findLanguageModel(module)!)],
  lower: (module, { tokens }, assume, g) =>
    computeLanguageModel(module, findLanguageModel(module)!, tokens!, assume, g),
};
