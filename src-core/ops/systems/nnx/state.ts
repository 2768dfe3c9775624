import { type Datum, type Dict, isDict, isList, isModule, isTagged, isTensor, isVariable, type List } from '../data.ts';
import { sortByParts } from '../python-order.ts';
import { showType } from '../python-repr.ts';
import { raised } from '../raise.ts';
import { type FlatLeaf, unflattenMapping } from './flat.ts';

export interface Traversal {
  readonly state: Dict;
  /** Paths of what was reached again: they live in the GraphDef alone. */
  readonly aliases: readonly { readonly path: List; readonly first: List }[];
}

/**
 * `nnx.state(node)`: Variables and arrays by path, attributes in sorted order (ints before texts). An object that can be
 * reached twice is in the state once, at its first path. Other attributes of a Module are static and not in the state.
 */
export function traverseNode(root: Datum): Traversal {
  const leaves: FlatLeaf[] = [];
  const aliases: { path: List; first: List }[] = [];
  const seen = new Map<Datum, List>();
  const visit = (datum: Datum, path: List, data: boolean): void => {
    const shares = isVariable(datum) || isModule(datum);
    const first = shares ? seen.get(datum) : undefined;
    if (first) {
      aliases.push({ path, first });
      return;
    }
    if (shares) seen.set(datum, path);
    const children = childrenOf(datum);
    if (!children) {
      if (data || isVariable(datum) || isTensor(datum)) leaves.push({ path, leaf: datum });
      return;
    }
    for (const [key, value] of children) visit(value, [...path, key], false);
  };
  visit(root, [], true);
  return { state: unflattenMapping(leaves), aliases };
}

type Child = readonly [key: Datum, value: Datum];

function childrenOf(datum: Datum): readonly Child[] | undefined {
  if (isList(datum)) return datum.map((item, i): Child => [BigInt(i), item]);
  if (isDict(datum)) return sortByParts(datum.items, ([key]) => [key], 'nnx');
  if (!isTagged(datum)) return undefined;
  if (datum.kind === 'tuple')
    return datum.items.map((item, i): Child => [datum.fields?.[i] ?? BigInt(i), item]).sort(byName(datum.fields));
  if (!isModule(datum)) return undefined;
  if (datum.style === 'list') return datum.members.map(([, value], i): Child => [BigInt(i), value]);
  const last = new Map(datum.members);
  const items = [...last].map(([name, value]): Child => [name, value]);
  if (datum.style === 'module') for (const [name, value] of items) refuseData(datum.type, String(name), value);
  return sortByParts(items, ([key]) => [key], 'nnx');
}

const byName =
  (fields: readonly string[] | undefined) =>
  (a: Child, b: Child): number =>
    fields ? (String(a[0]) < String(b[0]) ? -1 : 1) : 0;

/** A plain list, tuple or dict is a static attribute, in which flax ≥ 0.12 allows no Variables, arrays or Modules. */
function refuseData(type: string, name: string, value: Datum): void {
  if (!isList(value) && !isDict(value) && !(isTagged(value) && value.kind === 'tuple')) return;
  const held = findData(value);
  if (held === undefined) return;
  throw raised(
    'nnx',
    'ValueError',
    `Found data on value of type '${showType(value)}' assigned to static attribute '${name}' of Pytree type '${type}'. ` +
      `Static attributes should not contain data values (here ${showType(held)}): use nnx.List, nnx.Dict or nnx.data.`,
  );
}

function findData(datum: Datum): Datum | undefined {
  if (isVariable(datum) || isTensor(datum) || isModule(datum)) return datum;
  const below = isList(datum) ? datum : isDict(datum) ? datum.items.map(([, value]) => value) : [];
  for (const item of isTagged(datum) && datum.kind === 'tuple' ? datum.items : below) {
    const held = findData(item);
    if (held !== undefined) return held;
  }
  return undefined;
}
