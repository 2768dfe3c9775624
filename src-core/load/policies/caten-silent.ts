import type { Outline } from '../outline.ts';
import type { LoadPolicy } from '../policy.ts';
import { planCaten } from '../systems/caten.ts';

/** The same without a word. */
export const catenSilent: LoadPolicy = {
  id: 'caten-silent',
  label: 'Caten :silent t',
  call: '(load-state-dict module state-dict :silent t)',
  missing: 'ignore',
  unexpected: 'ignore',
  shape: 'assign',
  dtype: 'assign',
  match: 'exact',
  atomic: false,
  plan: (target: Outline, source: Outline) => planCaten(target, source, true),
};
