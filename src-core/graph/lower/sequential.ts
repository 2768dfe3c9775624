import type { Lowering } from '../lowering.ts';
import { numberedChildren } from '../module-node.ts';
import { runSequence } from '../sequence.ts';

/** Numbered layers. Where the model is printed in the file it says what the missing numbers are. */
export const sequentialLowering: Lowering = {
  kind: 'Sequential',
  takes: (module) => {
    const count = numberedChildren(module).length;
    return count > 0 && count === module.children.size && module.tensors.size === 0 && !BESIDE.test(module.name);
  },
  inputs: (module, _, offer) => offer.inputsOf(numberedChildren(module)[0]![1]),
  lower: (module, { input }, assume, g) => ({ output: runSequence(module, input!, assume, g) }),
};

/** Lists of modules of which one is chosen, or that all take the same. */
const BESIDE = /expert|adapter|branch|^heads$/i;
