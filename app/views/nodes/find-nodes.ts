import type { GraphNodeInfo } from '../../../src-core/index.ts';

export interface NodeSort {
  readonly column: string;
  readonly descending: boolean;
}

/** Places of the nodes that have every word somewhere: in their operator, name, place, inputs or outputs. */
export function findNodes(nodes: readonly GraphNodeInfo[], text: string): readonly number[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found: number[] = [];
  for (const [index, node] of nodes.entries()) {
    const all = wordsOf(node);
    if (words.every((word) => all.includes(word))) found.push(index);
  }
  return found;
}

const known = new WeakMap<GraphNodeInfo, string>();

function wordsOf(node: GraphNodeInfo): string {
  const found = known.get(node);
  if (found !== undefined) return found;
  const { op, domain, name, within, inputs, outputs } = node;
  const text = [op, domain, name, within, ...inputs.map((input) => input.name), ...outputs].join('\n').toLowerCase();
  known.set(node, text);
  return text;
}

const KEYS: Readonly<Record<string, (node: GraphNodeInfo) => string>> = {
  'node-name': ({ within, name }) => `${within} ${name}`,
  'node-op': ({ op }) => op,
  'node-inputs': ({ inputs }) => inputs.map(({ name }) => name).join(),
  'node-outputs': ({ outputs }) => outputs.join(),
};

/** `null` is the file's own order. */
export function sortNodes(
  nodes: readonly GraphNodeInfo[],
  found: readonly number[],
  sort: NodeSort | null,
): readonly number[] {
  const keyOf = sort && KEYS[sort.column];
  if (!keyOf) return found;
  const compare = new Intl.Collator(undefined, { numeric: true }).compare;
  const sign = sort.descending ? -1 : 1;
  const keyed = found.map((index) => ({ index, key: keyOf(nodes[index] as GraphNodeInfo) }));
  return keyed.sort((a, b) => sign * compare(a.key, b.key) || a.index - b.index).map(({ index }) => index);
}
