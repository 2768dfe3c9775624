import type { Outline, OutlineEntry } from '../outline.ts';
import type { LoadPolicy } from '../policy.ts';
import { planMsgflux, type Reached } from '../systems/msgflux.ts';

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
  plan: (target: Outline, source: Outline) => planMsgflux(target, source, (given) => reachByKey(target, given)),
};

function* reachByKey({ entries }: Outline, given: ReadonlyMap<string, OutlineEntry>): Generator<Reached> {
  for (const place of entries) {
    const entry = given.get(place.key);
    if (entry) yield { place, entry };
  }
}
