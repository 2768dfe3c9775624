/** Where the nodes of a tree stand among each other, for nodes numbered so that parents come before children. */
export interface NodeOrder {
  /** Pre-order place of each node. */
  readonly place: Uint32Array<ArrayBuffer>;
  /** Nodes of the subtree, the node itself included. */
  readonly size: Uint32Array<ArrayBuffer>;
  /** Children of node `v` in order: `children[firstChild[v] … firstChild[v + 1])`. */
  readonly children: Uint32Array<ArrayBuffer>;
  readonly firstChild: Uint32Array<ArrayBuffer>;
}

/**
 * Orders siblings by `rank` of their label (ties, and everything when there is no rank, by number) and walks the tree in
 * pre-order. Two counting sorts and two passes: no comparisons, no recursion however deep the tree.
 */
export function orderNodes(
  count: number,
  parent: Uint32Array,
  label: Uint32Array,
  rank: Uint32Array | undefined,
): NodeOrder {
  const byRank = rank ? sortByRank(count, label, rank) : undefined;
  const firstChild = new Uint32Array(count + 1);
  for (let node = 1; node < count; node++) firstChild[parent[node]! + 1]!++;
  for (let node = 0; node < count; node++) firstChild[node + 1]! += firstChild[node]!;
  const children = new Uint32Array(count);
  const next = firstChild.slice();
  for (let i = 1; i < count; i++) {
    const node = byRank ? byRank[i]! : i;
    children[next[parent[node]!]!++] = node;
  }

  const size = new Uint32Array(count).fill(1);
  for (let node = count - 1; node > 0; node--) size[parent[node]!]! += size[node]!;
  const place = new Uint32Array(count);
  for (let node = 0; node < count; node++) {
    let at = place[node]! + 1;
    for (let i = firstChild[node]!; i < firstChild[node + 1]!; i++) {
      const child = children[i]!;
      place[child] = at;
      at += size[child]!;
    }
  }
  return { place, size, children, firstChild };
}

/** Nodes 1 to count - 1 by the rank of their label, equal ones by number; element 0 is the root. */
function sortByRank(count: number, label: Uint32Array, rank: Uint32Array): Uint32Array {
  const next = new Uint32Array(rank.length + 1);
  for (let node = 1; node < count; node++) next[rank[label[node]!]! + 1]!++;
  next[0] = 1;
  for (let i = 0; i < rank.length; i++) next[i + 1]! += next[i]!;
  const sorted = new Uint32Array(count);
  for (let node = 1; node < count; node++) sorted[next[rank[label[node]!]!]!++] = node;
  return sorted;
}
