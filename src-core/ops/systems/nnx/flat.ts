import { type Datum, type Dict, isDict, isList, isTensor, isVariable, type List, type Pair, tuple } from '../data.ts';
import { DictBuilder } from '../python-keys.ts';
import { showType, showValue } from '../python-repr.ts';
import { raised } from '../raise.ts';

/** A path from the root of a State and the leaf there. */
export interface FlatLeaf {
  readonly path: List;
  readonly leaf: Datum;
}

/** `traversals.flatten_mapping`: leaves in the order of the mapping; a mapping without any vanishes. */
export function flattenMapping(mapping: Datum, emptyNodes = false): FlatLeaf[] {
  if (!isDict(mapping)) throw raised('nnx', 'AssertionError', `expected Mapping; got ${showType(mapping)}`);
  const leaves: FlatLeaf[] = [];
  const visit = (datum: Datum, path: List): void => {
    const empty = isDict(datum) && datum.items.length === 0 && path.length > 0;
    if (!isDict(datum) || (empty && emptyNodes)) leaves.push({ path, leaf: datum });
    else for (const [key, value] of datum.items) visit(value, [...path, key]);
  };
  visit(mapping, []);
  return leaves;
}

/** A level of the nested dict being made: what is a Level here is a dict that `unflatten` made itself. */
class Level {
  readonly items = new DictBuilder('nnx');
  readonly below = new Map<Datum, Level>();
}

/**
 * `traversals.unflatten_mapping`, with its failures: a leaf is no place to put a subtree, a subtree is replaced by a leaf
 * without a word. `pairs` are a dict's, so paths are unique.
 */
export function unflattenMapping(pairs: Iterable<FlatLeaf>): Dict {
  const root = new Level();
  for (const { path, leaf } of pairs) {
    const last = path.at(-1);
    if (last === undefined) throw raised('nnx', 'IndexError', 'tuple index out of range');
    let level = root;
    path.slice(0, -1).forEach((part, i) => {
      level = descend(level, part, path.slice(i + 1));
    });
    set(level, last, leaf);
  }
  return finish(root);
}

function descend(level: Level, part: Datum, rest: List): Level {
  const held = level.items.get(part);
  if (held === undefined) {
    const made = new Level();
    // The marker is an object of its own: two empty levels are two places.
    const marker: Dict = { kind: 'dict', items: [] };
    level.items.set(part, marker);
    level.below.set(marker, made);
    return made;
  }
  const below = level.below.get(held);
  if (below) return below;
  if (!isDict(held)) throw refuseItem(held, rest);
  // flax writes into the caller's own dict here; a copy of it gives the same result.
  const copy = new Level();
  for (const [key, value] of held.items) copy.items.set(key, value);
  level.below.set(held, copy);
  return copy;
}

/** What Python says when a leaf is asked for an item: `key in leaf` first where more than one part is left. */
function refuseItem(leaf: Datum, rest: List): Error {
  const value = isVariable(leaf) ? leaf.value : leaf;
  const type = showType(value);
  if (isList(value) && rest.length === 1 && typeof rest[0] === 'string')
    return raised('nnx', 'TypeError', 'list indices must be integers or slices, not str');
  const holds = typeof value === 'string' || isList(value) || isTensor(value);
  if (rest.length > 1 && !holds) return raised('nnx', 'TypeError', `argument of type '${type}' is not iterable`);
  return raised('nnx', 'TypeError', `'${type}' object does not support item assignment`);
}

const set = (level: Level, key: Datum, value: Datum): void => level.items.set(key, value);

function finish(level: Level): Dict {
  const { items } = level.items.finish();
  return {
    kind: 'dict',
    items: items.map(([key, value]): Pair => {
      const below = level.below.get(value);
      return [key, below ? finish(below) : value];
    }),
  };
}

/** A flat dict, as `dict.update` fills it: a path that comes again keeps its place and takes the new leaf. */
export function uniquePaths(leaves: readonly FlatLeaf[]): FlatLeaf[] {
  const unique = new DictBuilder('nnx');
  for (const { path, leaf } of leaves) unique.set(tuple(path), leaf);
  return unique.finish().items.map(([key, leaf]) => ({ path: pathOf(key), leaf }));
}

/** The parts of a key of a flat state. Python takes a text for its characters. */
export function pathOf(key: Datum): List {
  if (key === '') throw raised('nnx', 'IndexError', 'string index out of range');
  if (typeof key === 'string') return [...key];
  if (isList(key)) return key;
  if (key !== null && typeof key === 'object' && key.kind === 'tuple') return key.items;
  throw raised('nnx', 'TypeError', `'${showType(key)}' object is not subscriptable`);
}

export const showPath = (path: List): string => showValue(tuple(path));
