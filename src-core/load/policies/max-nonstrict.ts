import type { Outline } from '../outline.ts';
import type { LoadPolicy } from '../policy.ts';
import type { LoadOptions } from '../report.ts';
import { planMax } from '../systems/max.ts';

/** Names are never judged, and nothing is returned that tells of them. */
export const maxNonstrict: LoadPolicy = {
  id: 'max-nonstrict',
  label: 'MAX strict=False',
  call: 'model.load_state_dict(state_dict, strict=False)',
  missing: 'ignore',
  unexpected: 'ignore',
  shape: 'error',
  dtype: 'error',
  match: 'exact',
  atomic: false,
  plan: (target: Outline, source: Outline, options: LoadOptions) => planMax(target, source, false, options),
};
