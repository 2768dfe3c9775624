import { listModules } from '../list-modules.ts';
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
  plan: (target: Outline, source: Outline) => planMsgflux(target, source, (given) => reach(target, given)),
};

function* reach(target: Outline, given: ReadonlyMap<string, OutlineEntry>): Generator<Reached> {
  const modules = listModules(target);
  // Of keys that have become one the last is kept.
  const arrived = new Map<string, OutlineEntry>();
  for (const [key, entry] of given) arrived.set(descend(key, modules), entry);
  for (const place of target.entries) {
    const entry = arrived.get(place.key);
    if (entry) yield { place, entry };
  }
}

/** Where a value comes down: the module it reaches, and what is left of its key there. */
function descend(key: string, modules: ReadonlyMap<string, number>): string {
  // Nearly every key: its module is there, and no name comes twice.
  if (modules.has(key.slice(0, key.lastIndexOf('.') + 1)) && !repeatsName(key)) return key;
  let [prefix, rest] = ['', key];
  for (let dot = rest.indexOf('.'); dot >= 0; dot = rest.indexOf('.')) {
    const name = rest.slice(0, dot + 1);
    // Its key stays as long as it is: no value of this module has a dot in its name.
    if (!modules.has(prefix + name)) return key;
    rest = rest.includes(name, name.length) ? rest.replaceAll(name, '') : rest.slice(name.length);
    prefix += name;
  }
  return prefix + rest;
}

function repeatsName(key: string): boolean {
  for (let start = 0, dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', start)) {
    if (key.includes(key.slice(start, dot + 1), dot + 1)) return true;
    start = dot + 1;
  }
  return false;
}
