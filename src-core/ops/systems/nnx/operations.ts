import type { Arguments } from '../arguments.ts';
import {
  type Datum,
  type Dict,
  dict,
  isDict,
  isList,
  isTagged,
  isTensor,
  type List,
  type Pair,
  tuple,
} from '../data.ts';
import { inPlace, may, need, note, type Operation, outcome, warning } from '../operation.ts';
import { uniqueKeys } from '../python-keys.ts';
import { showType } from '../python-repr.ts';
import { badInput, raised } from '../raise.ts';
import { resolveSame } from '../resolve-same.ts';
import { flattenMapping, showPath } from './flat.ts';
import { guessVariables } from './guess-variables.ts';
import { diffStates, fromFlatState, mergeStates } from './merge.ts';
import { type Replace, replaceByPureDict, replaceLeaf, restoreIntPaths, toPureDict, valueOfLeaf } from './pure-dict.ts';
import { filterState, readFilters, splitState, toFlatState } from './split.ts';
import { traverseNode } from './state.ts';
import { updateNode } from './update.ts';

const STATE = need('state', 'a State: nested objects with Variables or values as leaves');
const FILTERS = need('filters', 'an array of filters, tried in order');

export const NNX_OPERATIONS: readonly Operation[] = [
  {
    id: 'nnx.State',
    system: 'nnx',
    summary: 'A State of a mapping or of pairs',
    args: [
      need('mapping', 'an object, or an array of pairs'),
      may('_copy', 'false: the mapping has to be a dict itself'),
    ],
    run: (args) => {
      const mapping = args.get('mapping');
      if (!args.flag('_copy', true) && !isDict(mapping))
        throw raised(
          'nnx',
          'ValueError',
          `Expected a dictionary when \`_copy=False\`, got <class '${showType(mapping)}'> instead.`,
        );
      return outcome(isDict(mapping) ? mapping : uniqueKeys(pairsOf(mapping), 'nnx'));
    },
  },
  {
    id: 'nnx.state',
    system: 'nnx',
    summary: 'The State of a declared node, shared objects once; with filters one State for each',
    args: [
      need('module', 'a declared module, or lists and objects of Variables'),
      may('filters', 'an array of filters'),
    ],
    run: (args) => {
      const { state, aliases } = traverseNode(resolveSame(args.get('module')));
      const problems = aliases.map(({ path, first }) =>
        note('shared', `${showPath(path)} is the object at ${showPath(first)}: it has no entry of its own.`),
      );
      const filters = args.optional('filters');
      if (filters === undefined) return outcome(state, problems);
      return outcome(oneOrMore(filterState(state, readFilters(args.list('filters'), state))), problems);
    },
  },
  {
    id: 'nnx.to_flat_state',
    system: 'nnx',
    summary: 'Pairs of path and leaf, sorted',
    args: [STATE],
    run: (args) => outcome(toFlatState(args.dict('state')).map(({ path, leaf }) => [path, leaf])),
  },
  {
    id: 'nnx.from_flat_state',
    system: 'nnx',
    summary: 'A State of pairs of path and leaf',
    args: [
      need('flat_state', 'an array of [path, leaf], or an object whose keys are paths'),
      may('cls', 'State or dict'),
    ],
    run: (args) => outcome(withClass(args, fromFlatState(flatPairs(args.get('flat_state'))))),
  },
  {
    id: 'nnx.filter_state',
    system: 'nnx',
    summary: 'One State for each filter; what none takes is left out',
    args: [STATE, FILTERS],
    run: (args) => outcome(oneOrMore(filterState(args.dict('state'), filtersOf(args)))),
  },
  {
    id: 'nnx.split_state',
    system: 'nnx',
    summary: 'One State for each filter; nothing may be left',
    args: [STATE, FILTERS],
    run: (args) => outcome(oneOrMore(splitState(args.dict('state'), filtersOf(args)))),
  },
  {
    id: 'nnx.merge_state',
    system: 'nnx',
    summary: 'States joined, the later wins',
    args: [need('states', 'an array of States'), may('cls', 'State or dict')],
    run: (args) => {
      const states = args.list('states');
      if (states.length === 0) throw badInput('"states" needs at least one State');
      const same = states.length === 1 && args.textOr('cls', 'State') === 'State';
      return outcome(
        withClass(args, mergeStates(states)),
        same
          ? [note('same-object', 'nnx gives back a single State itself, not a copy: a write to one shows in both.')]
          : [],
      );
    },
  },
  {
    id: 'nnx.diff',
    system: 'nnx',
    summary: 'The leaves of a State at paths that another has not',
    args: [STATE, need('other', 'a State')],
    run: (args) => outcome(diffStates(args.dict('state'), args.dict('other'))),
  },
  {
    id: 'nnx.to_pure_dict',
    system: 'nnx',
    summary: 'Plain nested values, sorted; types and metadata are lost',
    args: [STATE, may('extract_fn', 'one of value, identity, type, shape')],
    run: (args) => outcome(toPureDict(args.dict('state'), named(EXTRACTS, args.textOr('extract_fn', 'value')))),
  },
  {
    id: 'nnx.replace_by_pure_dict',
    system: 'nnx',
    summary: 'Values of a State replaced by those of a pure dict, all or none',
    args: [STATE, need('pure_dict', 'nested values'), may('replace_fn', 'one of replace, value, keep')],
    run: (args) => {
      const replace = named(REPLACES, args.textOr('replace_fn', 'replace'));
      const result = replaceByPureDict(args.dict('state'), args.get('pure_dict'), replace);
      return outcome(result, [inPlace('nnx', 'state', 'None')]);
    },
  },
  {
    id: 'nnx.restore_int_paths',
    system: 'nnx',
    summary: 'Parts of paths that Python reads as ints, as ints',
    args: [need('pure_dict', 'nested values')],
    run: (args) => {
      const { pure, collisions } = restoreIntPaths(args.get('pure_dict'));
      const problems = collisions.map(({ path, from }) =>
        warning(
          'int-collision',
          `${from.map(showPath).join(', ')} all become ${showPath(path)}: ${from.length - 1} lost.`,
        ),
      );
      return outcome(pure, problems);
    },
  },
  {
    id: 'nnx.flatten_mapping',
    system: 'nnx',
    summary: 'Paths and leaves in the order of the mapping',
    args: [need('mapping', 'an object'), may('sep', 'joins the paths'), may('keep_empty_nodes', 'keep empty mappings')],
    run: (args) => {
      const leaves = flattenMapping(args.get('mapping'), args.flag('keep_empty_nodes', false));
      if (args.optional('sep') === undefined) return outcome(leaves.map(({ path, leaf }) => [path, leaf]));
      return outcome(dict(leaves.map(({ path, leaf }) => [joinPath(path, args.text('sep')), leaf])));
    },
  },
  {
    id: 'nnx.update',
    system: 'nnx',
    summary: 'The state of a node after nnx.update(node, *states)',
    args: [need('node', 'the State of the node'), need('states', 'an array of States')],
    run: (args) => {
      const merged = mergeStates(args.list('states'));
      return outcome(updateNode(args.dict('node'), merged), [inPlace('nnx', 'node', 'None')]);
    },
  },
  {
    id: 'nnx.guess_variables',
    system: 'nnx',
    summary: 'A State of a pure dict, Variable types guessed from names',
    args: [need('pure_dict', 'nested values')],
    run: (args) =>
      outcome(guessVariables(args.dict('pure_dict')), [
        note('guessed', 'A pure dict does not say its Variable types: each one here is a guess from the name.'),
      ]),
  },
];

const oneOrMore = (states: readonly Dict[]): Datum => (states.length === 1 ? (states[0] as Dict) : states);
const filtersOf = (args: Arguments) => readFilters(args.list('filters'), args.dict('state'));

function pairsOf(datum: Datum): readonly Pair[] {
  if (!isList(datum)) throw raised('nnx', 'TypeError', `'${showType(datum)}' object is not iterable`);
  return datum.map((pair, i) => {
    const items = isList(pair) ? pair : isTagged(pair) && pair.kind === 'tuple' ? pair.items : undefined;
    if (!items)
      throw raised('nnx', 'TypeError', `cannot convert dictionary update sequence element #${i} to a sequence`);
    const [key, value] = items;
    if (items.length !== 2 || key === undefined || value === undefined)
      throw raised(
        'nnx',
        'ValueError',
        `dictionary update sequence element #${i} has length ${items.length}; 2 is required`,
      );
    return [key, value] as const;
  });
}

/** JSON has no tuples: a path may be a plain array, which Python could not take for a key. */
function flatPairs(datum: Datum): readonly Pair[] {
  const pairs = isDict(datum) ? datum.items : pairsOf(datum);
  return pairs.map(([key, leaf]) => [isList(key) ? tuple(key) : key, leaf]);
}

/** `cls(nested)`: State and dict look alike as data; other classes are not known. */
function withClass(args: Arguments, state: Dict): Dict {
  const cls = args.textOr('cls', 'State');
  if (cls !== 'State' && cls !== 'dict') throw badInput(`"cls" has to be "State" or "dict", not "${cls}"`);
  return state;
}

function joinPath(path: List, sep: string): string {
  const parts = path.map((part, i) => {
    if (typeof part === 'string') return part;
    throw raised('nnx', 'TypeError', `sequence item ${i}: expected str instance, ${showType(part)} found`);
  });
  return parts.join(sep);
}

/** JSON cannot carry a function; these are the ones that people pass. */
const EXTRACTS: Readonly<Record<string, (leaf: Datum) => Datum>> = {
  value: valueOfLeaf,
  identity: (leaf) => leaf,
  type: showType,
  shape: (leaf) => {
    const value = valueOfLeaf(leaf);
    return isTensor(value) ? value.shape : [];
  },
};
const REPLACES: Readonly<Record<string, Replace>> = {
  replace: replaceLeaf,
  value: (_, value) => value,
  keep: (leaf) => leaf,
};

function named<T>(table: Readonly<Record<string, T>>, name: string): T {
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found === undefined) throw badInput(`no function "${name}"; there are ${Object.keys(table).join(', ')}`);
  return found;
}
