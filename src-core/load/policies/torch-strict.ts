import type { Outline } from '../outline.ts';
import type { LoadPolicy } from '../policy.ts';
import type { LoadOptions } from '../report.ts';
import { planTorch } from '../systems/torch.ts';

/** Missing, unexpected and ill-sized: all told in one error, after the rest is copied. */
export const torchStrict: LoadPolicy = {
  id: 'torch-strict',
  label: 'torch strict',
  call: 'model.load_state_dict(state_dict)',
  missing: 'error',
  unexpected: 'error',
  shape: 'error',
  dtype: 'cast',
  match: 'exact',
  atomic: false,
  plan: (target: Outline, source: Outline, options: LoadOptions) =>
    planTorch(target, source, { strict: true, assign: false }, options),
};
