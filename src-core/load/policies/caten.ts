import type { Outline } from '../outline.ts';
import type { LoadPolicy } from '../policy.ts';
import { planCaten } from '../systems/caten.ts';

/** Warns of what it skips and of what does not fit; of unused keys only when there are more of them than places. */
export const caten: LoadPolicy = {
  id: 'caten',
  label: 'Caten',
  call: '(load-state-dict module state-dict)',
  missing: 'warn',
  unexpected: 'warn',
  shape: 'warn',
  dtype: 'warn',
  match: 'exact',
  atomic: false,
  plan: (target: Outline, source: Outline) => planCaten(target, source, false),
};
