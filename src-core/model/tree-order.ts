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
 * pre-order: a counting sort by parent, a sort of those siblings that need one, and two passes. No recursion, however deep.
 */
export function orderNodes(
  count: number,
  parent: Uint32Array,
  label: Uint32Array,
  rank: Uint32Array | undefined,
): NodeOrder {
  const firstChild = new Uint32Array(count + 1);
  for (let node = 1; node < count; node++) firstChild[parent[node]! + 1]!++;
  for (let node = 0; node < count; node++) firstChild[node + 1]! += firstChild[node]!;
  const children = new Uint32Array(count);
  const next = firstChild.slice();
  for (let node = 1; node < count; node++) children[next[parent[node]!]!++] = node;
  if (rank) sortSiblings(count, children, firstChild, label, rank);

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

/** Files are often sorted already, but by letters: it is the numbered lists that need sorting. */
function sortSiblings(
  count: number,
  children: Uint32Array,
  firstChild: Uint32Array,
  label: Uint32Array,
  rank: Uint32Array,
): void {
  for (let node = 0; node < count; node++) {
    const from = firstChild[node]!;
    const to = firstChild[node + 1]!;
    let at = from + 1;
    while (at < to && rank[label[children[at - 1]!]!]! <= rank[label[children[at]!]!]!) at++;
    if (at >= to) continue;
    const siblings = children.slice(from, to);
    // Rank and place in one number, which is exact: both are below ten million or so.
    const keys = Float64Array.from(siblings, (child, i) => rank[label[child]!]! * siblings.length + i);
    keys.sort();
    for (let i = 0; i < keys.length; i++) children[from + i] = siblings[keys[i]! % siblings.length]!;
  }
}
