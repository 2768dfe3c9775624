import { computeExperts, featuresOf, findExperts, partsOfExperts } from '../experts.ts';
import { refuseRest } from '../known-parts.ts';
import type { Lowering } from '../lowering.ts';

/** A mixture of experts in the place of an MLP: Mixtral's, Qwen's, OLMoE's. */
export const moeLowering: Lowering = {
  kind: 'MoE',
  takes: (module) => module.kind !== 'Block' && findExperts(module) !== undefined,
  inputs: (module) => [
    {
      name: 'input',
      dtype: 'f32',
      meaning: 'features',
      dims: [{ size: 1, free: 'batch' }, { size: featuresOf(findExperts(module)!) }],
    },
  ],
  lower: (module, { input }, assume, g) => {
    const experts = findExperts(module)!;
    refuseRest(module, partsOfExperts(experts));
    return { output: computeExperts(module, experts, input!, assume, g) };
  },
};
