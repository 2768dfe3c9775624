import type { Outline } from '../outline.ts';
import type { LoadPolicy } from '../policy.ts';
import type { LoadOptions } from '../report.ts';
import { planMax } from '../systems/max.ts';

/** Stops at the first weight that does not fit; names are judged at the end, when all others are set. */
export const maxStrict: LoadPolicy = {
  id: 'max-strict',
  label: 'MAX strict',
  call: 'model.load_state_dict(state_dict)',
  missing: 'error',
  unexpected: 'error',
  shape: 'error',
  dtype: 'error',
  match: 'exact',
  atomic: false,
  plan: (target: Outline, source: Outline, options: LoadOptions) => planMax(target, source, true, options),
};
