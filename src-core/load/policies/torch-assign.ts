import type { Outline } from '../outline.ts';
import type { LoadPolicy } from '../policy.ts';
import type { LoadOptions } from '../report.ts';
import { planTorch } from '../systems/torch.ts';

/** The tensors of the file become those of the module, type and all. */
export const torchAssign: LoadPolicy = {
  id: 'torch-assign',
  label: 'torch assign=True',
  call: 'model.load_state_dict(state_dict, assign=True)',
  missing: 'error',
  unexpected: 'error',
  shape: 'error',
  dtype: 'assign',
  match: 'exact',
  atomic: false,
  plan: (target: Outline, source: Outline, options: LoadOptions) =>
    planTorch(target, source, { strict: true, assign: true }, options),
};
