import { growModules, type ModuleBranch } from '../module-tree.ts';
import type { Outline, OutlineEntry } from '../outline.ts';
import type { LoadPolicy } from '../policy.ts';
import { planMsgflux, type Reached } from '../systems/msgflux.ts';

/** As msgflux does it: on the way to a child, its name is taken out of the whole key, wherever it is. */
export const msgflux: LoadPolicy = {
  id: 'msgflux',
  label: 'msgflux',
  call: 'module.load_state_dict(state_dict)',
  missing: 'ignore',
  unexpected: 'ignore',
  shape: 'none',
  dtype: 'none',
  match: 'replace in the whole key',
  atomic: false,
  plan: (target: Outline, source: Outline) =>
    planMsgflux(target, source, (given) => reachModule(growModules(target), given)),
};

function* reachModule(module: ModuleBranch, given: ReadonlyMap<string, OutlineEntry>): Generator<Reached> {
  for (const [name, place] of module.own) {
    const entry = given.get(name);
    if (entry) yield { place, entry };
  }
  const below = new Map<string, Map<string, OutlineEntry>>();
  for (const [key, entry] of given) {
    const dot = key.indexOf('.');
    const name = key.slice(0, dot);
    if (dot < 0 || !module.children.has(name)) continue;
    let group = below.get(name);
    if (!group) {
      group = new Map();
      below.set(name, group);
    }
    group.set(key.replaceAll(`${name}.`, ''), entry);
  }
  for (const [name, child] of module.children) yield* reachModule(child, below.get(name) ?? new Map());
}
