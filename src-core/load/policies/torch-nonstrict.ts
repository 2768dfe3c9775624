import type { Outline } from '../outline.ts';
import type { LoadPolicy } from '../policy.ts';
import type { LoadOptions } from '../report.ts';
import { planTorch } from '../systems/torch.ts';

/** Missing and unexpected keys are returned; a wrong size raises all the same. */
export const torchNonstrict: LoadPolicy = {
  id: 'torch-nonstrict',
  label: 'torch strict=False',
  call: 'model.load_state_dict(state_dict, strict=False)',
  missing: 'report',
  unexpected: 'report',
  shape: 'error',
  dtype: 'cast',
  match: 'exact',
  atomic: false,
  plan: (target: Outline, source: Outline, options: LoadOptions) =>
    planTorch(target, source, { strict: false, assign: false }, options),
};
