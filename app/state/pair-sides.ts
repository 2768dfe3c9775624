import type { OpenedDocument } from '../engine/api.ts';
import type { ComparedDocument } from '../engine/compare-api.ts';
import { entryOf } from './explorer.ts';
import { ancestry, labelOf } from './tree-labels.ts';

/** The nodes of a comparison as one of its documents has them. */
export interface PairSide {
  readonly document: OpenedDocument;
  /** Whether the document has anything of what is at and below a node. */
  has(node: number): boolean;
  /** Its node there; undefined for a module that it has under no one name. */
  nodeOf(node: number): number | undefined;
  /** Whether it stands in another module than its neighbours in the comparison do. */
  isElsewhere(node: number): boolean;
}

export function pairSide(comparison: ComparedDocument, document: OpenedDocument, side: 'a' | 'b'): PairSide {
  const { tree, pairs } = comparison;
  const rows = side === 'a' ? pairs.rowA : pairs.rowB;
  const counts = countBelow(comparison, rows);
  const modules = new Map<number, number | undefined>([[0, 0]]);
  const moduleOf = (node: number): number | undefined => {
    if (!modules.has(node)) modules.set(node, childOf(moduleOf(tree.parent[node]!), node) ?? moduleOfPairs(node));
    return modules.get(node);
  };
  /** The child of a module that is called as a node of the comparison is. */
  const childOf = (module: number | undefined, node: number): number | undefined => {
    if (module === undefined) return undefined;
    const [own, label] = [document.tree, labelOf(tree, node)];
    for (let child = module + 1; child < own.end[module]!; child = own.end[child]!)
      if (labelOf(own, child) === label) return child;
    return undefined;
  };
  /** A module of another name: the one that holds the first of its pairs, as many levels above it. */
  const moduleOfPairs = (node: number): number | undefined => {
    const leaf = firstBelow(node);
    if (leaf === undefined) return undefined;
    const there = ancestry(document.tree, document.tree.nodeOfEntry[rows[tree.entry[leaf]!]!]!);
    return there.length === tree.depth[leaf] ? there[tree.depth[node]! - 1] : undefined;
  };
  const firstBelow = (node: number): number | undefined => {
    let at = node;
    while (at < tree.end[node]!) {
      const pair = tree.entry[at]!;
      if (pair >= 0 && rows[pair]! >= 0) return at;
      at = counts[at]! > 0 ? at + 1 : tree.end[at]!;
    }
    return undefined;
  };
  const nodeOf = (node: number): number | undefined => {
    const pair = entryOf(comparison, node);
    if (pair === undefined) return counts[node]! > 0 ? moduleOf(node) : undefined;
    return rows[pair]! < 0 ? undefined : document.tree.nodeOfEntry[rows[pair]!];
  };
  return {
    document,
    has: (node) => counts[node]! > 0,
    nodeOf,
    isElsewhere(node) {
      const own = nodeOf(node);
      return own !== undefined && document.tree.parent[own] !== moduleOf(tree.parent[node]!);
    },
  };
}

/** By node, how many of the pairs at and below it have a row. */
function countBelow({ tree }: ComparedDocument, rows: Int32Array): Uint32Array {
  const counts = new Uint32Array(tree.count);
  for (let node = tree.count - 1; node >= 0; node--) {
    const pair = tree.entry[node]!;
    if (pair >= 0 && rows[pair]! >= 0) counts[node]!++;
    if (node > 0) counts[tree.parent[node]!]! += counts[node]!;
  }
  return counts;
}
