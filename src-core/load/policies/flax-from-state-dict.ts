import { compareValues } from '../compare-values.ts';
import { identifyPath, type Outline } from '../outline.ts';
import { growPaths, leavesBelow, type PathNode } from '../path-tree.ts';
import type { LoadPolicy } from '../policy.ts';
import { ReportDraft } from '../report-draft.ts';
import { typeOf } from '../words.ts';

/** A copy of the target with what its own structure asks for. Keys are texts; what a dict has beyond that is left. */
export const flaxFromStateDict: LoadPolicy = {
  id: 'flax-from-state-dict',
  label: 'flax from_state_dict',
  call: 'flax.serialization.from_state_dict(target, state_dict)',
  missing: 'error',
  unexpected: 'ignore',
  shape: 'ignore',
  dtype: 'ignore',
  match: 'exact',
  atomic: true,
  plan(target: Outline, source: Outline): ReportDraft {
    const draft = new ReportDraft();
    const restore = new Restore(draft, target.containers ?? new Map());
    if (source.notDict !== undefined)
      return draft.raise('AttributeError', `'${source.notDict}' object has no attribute 'keys'`, { atomic: true });
    restore.node(growPaths(target.entries), growPaths(source.entries), './');
    return draft;
  },
};

class Restore {
  readonly #draft: ReportDraft;
  readonly #containers: ReadonlyMap<string, string>;
  constructor(draft: ReportDraft, containers: ReadonlyMap<string, string>) {
    this.#draft = draft;
    this.#containers = containers;
  }

  node(place: PathNode, given: PathNode, path: string): void {
    if (place.entry) {
      // Whatever is there takes the place of a leaf.
      if (given.entry) this.#draft.assign(place.entry.key, given.entry.key, compareValues(place.entry, given.entry));
      else {
        const [only] = [...leavesBelow(given)];
        const found = { key: place.entry.key, expected: typeOf(place.entry.value), actual: 'dict' };
        this.#draft.assign(place.entry.key, only?.key ?? '', [{ ...found, what: 'kind' }]);
      }
      return;
    }
    const state = new Map<string, PathNode>();
    for (const [part, child] of given.children) state.set(String(part), child);
    this.#checkKeys(place, given, state, path);
    for (const [part, child] of place.children) {
      const name = String(part);
      const found = state.get(name);
      state.delete(name);
      if (found) this.node(child, found, path === './' ? `./${name}` : `${path}/${name}`);
      else for (const { key } of leavesBelow(child)) this.#draft.missing.push(key);
    }
    for (const rest of state.values()) for (const { key } of leavesBelow(rest)) this.#draft.unexpected.push(key);
  }

  #checkKeys(place: PathNode, given: PathNode, state: ReadonlyMap<string, PathNode>, path: string): void {
    // Only the first that it raises is heard of.
    if (this.#draft.error) return;
    const raise = (type: string, message: string) => this.#draft.raise(type, message, { atomic: true });
    const container = (this.#containers.size > 0 && this.#containers.get(identifyPath(place.parts))) || 'dict';
    if (given.entry) {
      raise('AttributeError', `'${typeOf(given.entry.value)}' object has no attribute 'keys'`);
      return;
    }
    if (container === 'dict' && hasAllNames(place, state)) return;
    const names = [...place.children.keys()].map(String);
    const at = path.replace(/^\.\/$/, '.');
    if (container === 'list' || container === 'tuple') {
      if (state.size !== names.length)
        raise(
          'ValueError',
          `The size of the list and the state dict do not match, got ${names.length} and ${state.size} at path ${at}`,
        );
      const absent = names.find((name) => !state.has(name));
      if (absent !== undefined) raise('KeyError', `'${absent}'`);
    } else if (container === 'namedtuple') {
      if (names.length !== state.size || names.some((name) => !state.has(name)))
        raise(
          'ValueError',
          'The field names of the state dict and the named tuple do not match, ' +
            `got ${showSet([...state.keys()])} and ${showSet(names)} at path ${at}`,
        );
    } else {
      const absent = names.filter((name) => !state.has(name));
      if (absent.length > 0)
        raise(
          'ValueError',
          'The target dict keys and state dict keys do not match, target dict contains keys ' +
            `${showSet(absent)} which are not present in state dict at path ${at}`,
        );
    }
  }
}

function hasAllNames({ children }: PathNode, state: ReadonlyMap<string, PathNode>): boolean {
  for (const part of children.keys()) if (!state.has(String(part))) return false;
  return true;
}

const showSet = (names: readonly string[]): string =>
  names.length === 0 ? 'set()' : `{${names.map((name) => `'${name}'`).join(', ')}}`;
