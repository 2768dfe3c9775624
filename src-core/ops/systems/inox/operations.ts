import { type Datum, type Dict, dict, isDict, isList, isTagged, type StateKey } from '../data.ts';
import { may, need, type Operation, outcome, warning } from '../operation.ts';
import { DictBuilder } from '../python-keys.ts';
import { showType, showValue } from '../python-repr.ts';
import { badInput, raised } from '../raise.ts';
import { resolveSame } from '../resolve-same.ts';
import { type InoxVersion, mapLeaves } from './flatten.ts';

const LATEST: InoxVersion = '0.8.0';

export interface Exported {
  /** The tree with a StateKey where each StateEntry was. */
  readonly tree: Datum;
  readonly state: Dict;
  /** Keys that two places have: the value of the later is kept, and both places now mean it. */
  readonly collisions: readonly string[];
}

/** `export_state`. A second call finds no entries and changes nothing. */
export function exportState(tree: Datum, version: InoxVersion = LATEST): Exported {
  const state = new DictBuilder('inox');
  const collisions: string[] = [];
  const holes = mapLeaves(tree, version, (leaf, text) => {
    if (!isTagged(leaf) || leaf.kind !== 'entry') return leaf;
    const key: StateKey = { kind: 'key', key: text };
    if (state.has(key)) collisions.push(text);
    state.set(key, leaf.value);
    return key;
  });
  return { tree: holes, state: state.finish(), collisions };
}

/** `update_state`: a copy with the mutation in it. Unknown keys are added, nothing is compared. */
export function updateState(state: Datum, mutation: Datum): Dict {
  if (!isDict(state)) {
    const method = isList(state) ? 'update' : 'copy';
    throw raised('inox', 'AttributeError', `'${showType(state)}' object has no attribute '${method}'`);
  }
  const items = isDict(mutation) ? mutation.items : isList(mutation) ? pairsOf(mutation) : undefined;
  if (!items) throw raised('inox', 'TypeError', `'${showType(mutation)}' object is not iterable`);
  const updated = new DictBuilder('inox', state);
  for (const [key, value] of items) updated.set(key, value);
  return updated.finish();
}

const pairsOf = (list: readonly Datum[]): readonly (readonly [Datum, Datum])[] =>
  list.map((pair, i) => {
    const [key, value] = isList(pair) ? pair : [];
    if (key === undefined || value === undefined)
      throw raised('inox', 'TypeError', `cannot convert dictionary update sequence element #${i} to a sequence`);
    return [key, value];
  });

export const INOX_OPERATIONS: readonly Operation[] = [
  {
    id: 'inox.export_state',
    system: 'inox',
    summary: 'The tree with StateKey holes, and the state',
    args: [need('tree', 'a tree or declared module with entries'), may('version', '0.8.0 (default) or 0.7.1')],
    run: (args) => {
      const version = args.textOr('version', LATEST);
      if (version !== '0.7.1' && version !== '0.8.0') throw badInput('"version" has to be "0.7.1" or "0.8.0"');
      const { tree, state, collisions } = exportState(resolveSame(args.get('tree')), version);
      const problems = collisions.map((key) =>
        warning(
          'key-collision',
          `Two places have the key ${showValue(key)}: one value is lost, and they are tied from now on.`,
        ),
      );
      return outcome(
        dict([
          ['tree', tree],
          ['state', state],
        ]),
        problems,
      );
    },
  },
  {
    id: 'inox.update_state',
    system: 'inox',
    summary: 'A copy of the state with a mutation in it',
    args: [need('state', 'a dict of StateKeys'), need('mutation', 'the keys to set')],
    run: (args) => outcome(updateState(args.get('state'), args.get('mutation'))),
  },
  {
    id: 'inox.lookup',
    system: 'inox',
    summary: 'state[key]: a text does not match a StateKey',
    args: [need('state', 'a dict of StateKeys'), need('key', 'a StateKey, or a tuple that equals one')],
    run: (args) => {
      const found = new DictBuilder('inox', args.dict('state')).get(args.get('key'));
      if (found === undefined) throw raised('inox', 'KeyError', showValue(args.get('key')));
      return outcome(found);
    },
  },
];
