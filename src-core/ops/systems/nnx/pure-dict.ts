import { type Datum, type Dict, isVariable, tuple } from '../data.ts';
import { tryInt } from '../python-int.ts';
import { DictBuilder } from '../python-keys.ts';
import { raised } from '../raise.ts';
import { flattenMapping, pathOf, showPath, unflattenMapping } from './flat.ts';
import { toFlatState } from './split.ts';
import { withValue } from './variables.ts';

/** `to_pure_dict`: sorted; without `extract` a Variable gives its value, anything else itself. */
export function toPureDict(state: Datum, extract: (leaf: Datum) => Datum = valueOfLeaf): Dict {
  return unflattenMapping(toFlatState(state).map(({ path, leaf }) => ({ path, leaf: extract(leaf) })));
}

export const valueOfLeaf = (leaf: Datum): Datum => (isVariable(leaf) ? leaf.value : leaf);

/** A path that two parts of a dict now have in common; the last one's value is kept. */
export interface IntCollision {
  readonly path: readonly Datum[];
  readonly from: readonly (readonly Datum[])[];
}

/** `restore_int_paths`: every part of every path through `int()`. What collides is told; flax says nothing. */
export function restoreIntPaths(pure: Datum): { readonly pure: Dict; readonly collisions: readonly IntCollision[] } {
  const fixed = new DictBuilder('nnx');
  const sources = new DictBuilder('nnx');
  for (const { path, leaf } of flattenMapping(pure)) {
    const key = tuple(path.map(tryInt));
    const before = sources.get(key);
    sources.set(key, [...(Array.isArray(before) ? before : []), tuple(path)]);
    fixed.set(key, leaf);
  }
  const collisions = sources.finish().items.flatMap(([key, from]): IntCollision[] => {
    const paths = Array.isArray(from) ? from.map(pathOf) : [];
    return paths.length > 1 ? [{ path: pathOf(key), from: paths }] : [];
  });
  return {
    pure: unflattenMapping(fixed.finish().items.map(([key, leaf]) => ({ path: pathOf(key), leaf }))),
    collisions,
  };
}

export type Replace = (leaf: Datum, value: Datum) => Datum;

/** `x.replace(v)` where x has it: a Variable keeps its type and metadata, a text has another method of that name. */
export const replaceLeaf: Replace = (leaf, value) => {
  if (typeof leaf === 'string') throw raised('nnx', 'TypeError', 'replace expected at least 2 arguments, got 1');
  return isVariable(leaf) ? withValue(leaf, value) : value;
};

/**
 * `replace_by_pure_dict`: exact paths first, then with ints for texts; a path that is in neither way there raises before
 * anything is changed. Shapes and dtypes are not looked at.
 */
export function replaceByPureDict(state: Dict, pure: Datum, replace: Replace = replaceLeaf): Dict {
  const current = new DictBuilder('nnx');
  for (const { path, leaf } of toFlatState(state)) current.set(tuple(path), leaf);
  for (const { path, leaf: value } of flattenMapping(pure)) {
    const exact = tuple(path);
    const key = current.has(exact) ? exact : tuple(path.map(tryInt));
    const held = current.get(key);
    if (held === undefined)
      throw raised('nnx', 'ValueError', `key in pure_dict not available in state: ${showPath(path)}`);
    current.set(key, replace(held, value));
  }
  const changed = unflattenMapping(current.finish().items.map(([key, leaf]) => ({ path: pathOf(key), leaf })));
  const updated = new DictBuilder('nnx', state);
  for (const [key, value] of changed.items) updated.set(key, value);
  return updated.finish();
}
