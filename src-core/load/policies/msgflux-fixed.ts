import { joinKeys } from '../join-keys.ts';
import type { Outline } from '../outline.ts';
import type { LoadPolicy } from '../policy.ts';
import { planMsgflux } from '../systems/msgflux.ts';

/** As it is meant: a value goes to the place of its name. */
export const msgfluxFixed: LoadPolicy = {
  id: 'msgflux-fixed',
  label: 'msgflux, keys matched whole',
  call: 'module.load_state_dict(state_dict)  # without the mangled keys',
  missing: 'ignore',
  unexpected: 'ignore',
  shape: 'none',
  dtype: 'none',
  match: 'exact',
  atomic: false,
  plan: (target: Outline, source: Outline) => planMsgflux(target, source, () => joinKeys(target, source).sourceOf),
};
