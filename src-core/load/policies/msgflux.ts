import { joinKeys, placesOf } from '../join-keys.ts';
import { listModules } from '../list-modules.ts';
import type { Outline } from '../outline.ts';
import type { LoadPolicy } from '../policy.ts';
import { planMsgflux } from '../systems/msgflux.ts';

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
  plan: (target: Outline, source: Outline) => planMsgflux(target, source, () => reach(target, source)),
};

/** Of keys that have become one the last arrives. */
function reach(target: Outline, source: Outline): Int32Array {
  const modules = listModules(target);
  const places = placesOf(target);
  const { given, targetOf } = joinKeys(target, source);
  const arrived = new Int32Array(target.entries.length).fill(-1);
  for (const row of given) {
    const { key } = source.entries[row]!;
    const to = descend(key, modules);
    const place = to === key ? targetOf[row]! : (places.get(to) ?? -1);
    if (place >= 0) arrived[place] = row;
  }
  // What the target has twice is found at the last place.
  if (places.size < arrived.length)
    for (const [place, { key }] of target.entries.entries()) arrived[place] = arrived[places.get(key)!]!;
  return arrived;
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
