import { describePrompt, readPrompt, renderPrompt, StateglassError } from '../../src-core/index.ts';
import type { EngineApi, PromptChoice } from './api.ts';
import type { FindHeld } from './held.ts';
import { findSides, type GrowTree } from './unedited.ts';

type PromptMethods = Pick<EngineApi, 'describePrompt' | 'renderPrompt'>;

/** What modules of texts say to a model. Here, not in the page: what a template does may take its time. */
export function promptMethods(find: FindHeld, grow: GrowTree): PromptMethods {
  const side = findSides(find, grow);
  const read = (request: PromptChoice) => {
    const { document, tree, choice } = side(request);
    const state = readPrompt(document, tree, choice.node);
    if (state) return state;
    throw new StateglassError({ kind: 'not-found', what: document.name, detail: 'this module keeps no prompt there' });
  };
  return {
    async describePrompt(choice) {
      return describePrompt(read(choice), choice.outputs);
    },
    async renderPrompt(choice) {
      return renderPrompt(read(choice), choice);
    },
  };
}
