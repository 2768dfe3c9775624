import { labelTexts } from '../../model/labels.ts';
import { type ModuleTree, NOT_AN_ENTRY } from '../../model/module-tree.ts';
import { NO_SHAPE, ROLE_ORDER } from '../../model/state-dict.ts';
import { mix, numberLabels } from '../../model/tree-repeats.ts';

/** Numbered modules side by side: `h.0`, `h.1`, …; experts; stages. */
export interface Sequence {
  readonly parent: number;
  /** By ascending index. */
  readonly members: readonly Member[];
}

export interface Member {
  readonly index: number;
  readonly node: number;
  /** Equal for members with the same names below. */
  readonly names: number;
  /** Equal for members with the same names, dtypes and shapes below. */
  readonly structure: number;
}

const OPTIMIZER = ROLE_ORDER.indexOf('optimizer');

/** Sequences of two or more modules with tensors below, inner ones first. The slots of an optimiser are none: they may have gaps. */
export function findSequences(tree: ModuleTree): readonly Sequence[] {
  const isNumber = numberLabels(tree);
  const { names, structure, hasTensor } = hashNodes(tree);
  const texts = labelTexts(tree);
  const found: Sequence[] = [];
  for (let parent = tree.count - 1; parent >= 0; parent--) {
    const members: Member[] = [];
    const taken = new Set<number>();
    for (let node = parent + 1; node < tree.end[parent]!; node = tree.end[node]!) {
      const label = tree.label[node]!;
      if (isNumber[label] === 0 || hasTensor[node] === 0 || tree.end[node] === node + 1) continue;
      const index = Number(texts[label]);
      if (taken.has(index) || !Number.isSafeInteger(index) || isOfOptimizer(tree, node)) continue;
      taken.add(index);
      members.push({ index, node, names: names[node]!, structure: structure[node]! });
    }
    if (members.length < 2) continue;
    found.push({ parent, members: members.sort((a, b) => a.index - b.index) });
  }
  return found;
}

const isOfOptimizer = (tree: ModuleTree, node: number): boolean => {
  for (let at = node; at < tree.end[node]!; at++)
    if (tree.entry[at] !== NOT_AN_ENTRY) return tree.role[at] === OPTIMIZER;
  return false;
};

/** Hashes of subtrees, 53 bits each, that do not depend on the order of children. They decide what is compared, nothing else. */
function hashNodes(tree: ModuleTree) {
  const { count, parent, label, type, dtype, shape } = tree;
  const names = new Float64Array(count);
  const structure = new Float64Array(count);
  const hasTensor = new Uint8Array(count);
  const words = [0, 1, 2, 3].map(() => new Uint32Array(count)) as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  const [nameLow, nameHigh, low, high] = words;
  for (let node = count - 1; node > 0; node--) {
    const isEntry = tree.entry[node] === NOT_AN_ENTRY ? 0 : 1;
    const own = isEntry * (1 + type[node]! + dtype[node]! * 256);
    const seen = shape[node]!;
    if (seen !== NO_SHAPE) hasTensor[node] = 1;
    nameLow[node] = mix(nameLow[node]!, isEntry);
    nameHigh[node] = mix(nameHigh[node]! ^ 0x5bd1e995, isEntry);
    low[node] = mix(low[node]! ^ Math.imul(own, 0x9e3779b1), seen);
    high[node] = mix(high[node]! ^ Math.imul(seen + 1, 0x85ebca6b), own);
    names[node] = join(nameLow[node]!, nameHigh[node]!);
    structure[node] = join(low[node]!, high[node]!);
    const up = parent[node]!;
    nameLow[up]! += mix(nameLow[node]!, label[node]!);
    nameHigh[up]! += mix(nameHigh[node]! ^ 0x27d4eb2f, label[node]!);
    low[up]! += mix(low[node]!, label[node]!);
    high[up]! += mix(high[node]! ^ 0x5bd1e995, label[node]!);
    if (hasTensor[node] === 1) hasTensor[up] = 1;
  }
  return { names, structure, hasTensor };
}

const join = (low: number, high: number): number => low * 0x20_0000 + (high & 0x1f_ffff);

/** Whether a member holds modules, as a layer does; a lone Linear of a Sequential does not. */
export function isComposite(tree: ModuleTree, { node }: Member): boolean {
  for (let child = node + 1; child < tree.end[node]!; child = tree.end[child]!)
    if (tree.end[child]! > child + 1) return true;
  return false;
}

/** Nodes of the entries below a module, by their path from it. */
export function entriesBelow(tree: ModuleTree, module: number): ReadonlyMap<string, number> {
  const texts = labelTexts(tree);
  const found = new Map<string, number>();
  const base = tree.depth[module]!;
  const parts: string[] = [];
  for (let node = module + 1; node < tree.end[module]!; node++) {
    parts.length = tree.depth[node]! - base - 1;
    parts.push(texts[tree.label[node]!]!);
    if (tree.entry[node] !== NOT_AN_ENTRY) found.set(parts.join('.'), node);
  }
  return found;
}

/** Members by what `key` says of them, the largest group first. */
export function groupMembers(members: readonly Member[], key: 'names' | 'structure'): readonly Member[][] {
  const groups = new Map<number, Member[]>();
  for (const member of members) {
    const group = groups.get(member[key]);
    if (group) group.push(member);
    else groups.set(member[key], [member]);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length);
}

/** How many of `count` may differ and still be exceptions to a rule. */
export const fewOf = (count: number): number => Math.max(1, Math.floor(count / 10));
