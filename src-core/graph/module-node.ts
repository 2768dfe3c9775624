import { KERAS_VARIABLES, kerasVariables } from '../model/keras-variables.ts';
import { labelOfNode } from '../model/labels.ts';
import type { ModuleTree } from '../model/module-tree.ts';
import { NOT_AN_ENTRY } from '../model/module-tree.ts';
import type { Entries, EntryId } from '../model/state-dict.ts';
import type { DType } from '../tensor/dtype.ts';

/** A tensor directly in a module. */
export interface ModuleTensor {
  /** Labels below the module that is lowered, joined by dots. */
  readonly path: string;
  readonly row: EntryId;
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** A module as a lowering sees it: names, shapes and kinds; no values. */
export interface ModuleNode {
  /** Path below the module that is lowered; '' for that module itself. */
  readonly path: string;
  /** Path in the document. */
  readonly place: string;
  /** Its own name, the last part of its path in the document. */
  readonly name: string;
  /** What the tree takes it for; '' for nothing known. */
  readonly kind: string;
  readonly tensors: ReadonlyMap<string, ModuleTensor>;
  readonly children: ReadonlyMap<string, ModuleNode>;
  /** The module it is in, for what stands beside it. Paths of that are not below the module that is lowered. */
  readonly parent: ModuleNode | undefined;
}

/** The module at a tree node, made as far as it is looked at. */
export function openModule(entries: Entries, tree: ModuleTree, node: number): ModuleNode {
  const above = placeOf(tree, node);
  const open = (at: number, path: string): ModuleNode => {
    let tensors: Map<string, ModuleTensor> | undefined;
    let children: Map<string, ModuleNode> | undefined;
    return {
      path,
      place: path === '' ? above : joinPath(above, path),
      name: labelOfNode(tree, at),
      kind: tree.kinds[tree.kind[at] ?? 0] ?? '',
      get tensors() {
        tensors ??= tensorsOf(entries, tree, at, path);
        return tensors;
      },
      get children() {
        if (children) return children;
        children = new Map();
        for (const child of childNodes(tree, at)) {
          if (tree.end[child] === child + 1) continue;
          const label = labelOfNode(tree, child);
          if (label === KERAS_VARIABLES && kerasVariables(labelOfNode(tree, at))) continue;
          children.set(label, open(child, joinPath(path, label)));
        }
        return children;
      },
      get parent() {
        return at === 0 ? undefined : openModule(entries, tree, tree.parent[at]!);
      },
    };
  };
  return open(node, '');
}

function placeOf(tree: ModuleTree, node: number): string {
  return node === 0 ? '' : joinPath(placeOf(tree, tree.parent[node]!), labelOfNode(tree, node));
}

function tensorsOf(entries: Entries, tree: ModuleTree, node: number, path: string): Map<string, ModuleTensor> {
  const tensors = new Map<string, ModuleTensor>();
  for (const child of childNodes(tree, node)) {
    const variables =
      labelOfNode(tree, child) === KERAS_VARIABLES ? kerasVariables(labelOfNode(tree, node)) : undefined;
    if (variables)
      for (const [name, tensor] of tensorsOf(entries, tree, child, joinPath(path, KERAS_VARIABLES)))
        tensors.set(variables[Number(name)] ?? name, tensor);
    const row = tree.entry[child]!;
    if (row === NOT_AN_ENTRY) continue;
    const { value } = entries.at(row);
    if (value.type !== 'tensor' || value.undeclared) continue;
    // TensorFlow numbers what an operation gives: `kernel:0`.
    const label = labelOfNode(tree, child).replace(/:0$/, '');
    tensors.set(label, { path: joinPath(path, label), row, shape: value.shape, dtype: value.dtype });
  }
  return tensors;
}

export const joinPath = (path: string, label: string): string => (path === '' ? label : `${path}.${label}`);

function* childNodes(tree: ModuleTree, node: number): Generator<number> {
  for (let child = node + 1; child < tree.end[node]!; child = tree.end[child]!) yield child;
}

/** The first of these tensors that a module has, also where the value lies one level below (`kernel.value` of flax.nnx). */
export function findTensor(module: ModuleNode, ...names: readonly string[]): ModuleTensor | undefined {
  for (const name of names) {
    const found = module.tensors.get(name) ?? module.children.get(name)?.tensors.get('value');
    if (found) return found;
  }
  return undefined;
}

/** The first of these modules that a module has; a dotted name goes down. */
export function findChild(module: ModuleNode, ...names: readonly string[]): ModuleNode | undefined {
  for (const name of names) {
    const found = name.split('.').reduce<ModuleNode | undefined>((at, part) => at?.children.get(part), module);
    if (found) return found;
  }
  return undefined;
}

/** Children with a number for a name, by number. */
export function numberedChildren(module: ModuleNode): readonly (readonly [number, ModuleNode])[] {
  return [...module.children]
    .filter(([name]) => /^\d+$/.test(name))
    .map(([name, child]) => [Number(name), child] as const)
    .sort(([a], [b]) => a - b);
}

/** Every tensor of a module and of those inside it, by path. */
export function tensorsBelow(module: ModuleNode): ReadonlyMap<string, ModuleTensor> {
  const found = new Map<string, ModuleTensor>();
  const visit = (at: ModuleNode): void => {
    for (const tensor of at.tensors.values()) found.set(tensor.path, tensor);
    for (const child of at.children.values()) visit(child);
  };
  visit(module);
  return found;
}
