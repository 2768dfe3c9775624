import type { ModuleTree } from '../../src-core/index.ts';

const decoder = new TextDecoder();
const cache = new WeakMap<ModuleTree, (string | undefined)[]>();

/** Label of a node as text. Distinct labels are decoded once, when first shown. */
export function labelOf(tree: ModuleTree, node: number): string {
  return distinctLabel(tree, tree.label[node]!);
}

function distinctLabel(tree: ModuleTree, id: number): string {
  let labels = cache.get(tree);
  if (!labels) {
    labels = [];
    cache.set(tree, labels);
  }
  let text = labels[id];
  if (text === undefined) {
    text = decoder.decode(tree.labelBytes.subarray(tree.labelStart[id]!, tree.labelStart[id + 1]!));
    labels[id] = text;
  }
  return text;
}

/** Nodes from the first level down to `node`; empty for the root. */
export function ancestry(tree: ModuleTree, node: number): number[] {
  const nodes: number[] = [];
  for (let n = node; n > 0; n = tree.parent[n]!) nodes.push(n);
  return nodes.reverse();
}

/** The key of a node, its parts joined by dots. */
export const keyOfNode = (tree: ModuleTree, node: number): string =>
  ancestry(tree, node)
    .map((n) => labelOf(tree, n))
    .join('.');

/** The node's place as one text, parts joined by dots; a dot or backslash inside a part is escaped. */
export function pathText(tree: ModuleTree, node: number): string {
  return ancestry(tree, node)
    .map((n) => labelOf(tree, n).replace(/[\\.]/g, '\\$&'))
    .join('.');
}

/** The node at a place written by `pathText`; undefined when the tree has none. */
export function nodeAtPath(tree: ModuleTree, text: string): number | undefined {
  if (text === '') return 0;
  const parts = [...text.matchAll(/(?:^|\.)((?:\\.|[^.\\])*)/gs)].map((m) => m[1]!.replace(/\\(.)/gs, '$1'));
  let node = 0;
  for (const part of parts) {
    const end = tree.end[node]!;
    let child = node + 1;
    while (child < end && labelOf(tree, child) !== part) child = tree.end[child]!;
    if (child >= end) return undefined;
    node = child;
  }
  return node;
}

/** The node of a key whose parts are joined by dots, wherever a part may have dots of its own; undefined when there is none. */
export function nodeAtKey(tree: ModuleTree, key: string): number | undefined {
  const find = (node: number, rest: string): number | undefined => {
    for (let child = node + 1; child < tree.end[node]!; child = tree.end[child]!) {
      const label = labelOf(tree, child);
      if (label === rest) return child;
      const found = rest.startsWith(`${label}.`) ? find(child, rest.slice(label.length + 1)) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return find(0, key);
}

/**
 * Which distinct labels begin with `prefix`, whatever the case of ASCII letters: one byte per label id. Type-ahead over half
 * a million rows looks at each distinct label once.
 */
export function labelsStartingWith(tree: ModuleTree, prefix: string): Uint8Array {
  const wanted = new TextEncoder().encode(prefix.toLowerCase());
  const count = tree.labelStart.length - 1;
  const hits = new Uint8Array(count);
  for (let id = 0; id < count; id++) {
    const start = tree.labelStart[id]!;
    if (tree.labelStart[id + 1]! - start < wanted.length) continue;
    let same = true;
    for (let i = 0; same && i < wanted.length; i++) {
      const byte = tree.labelBytes[start + i]!;
      same = (byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte) === wanted[i];
    }
    if (same) hits[id] = 1;
  }
  return hits;
}
