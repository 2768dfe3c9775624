import type { PathPart } from '../../model/keys/key.ts';
import type { TreeLeaf } from './tree-metadata.ts';

const VALUE = 'value';

/**
 * A flax.nnx Variable is saved as a node with one child, `value`: its users know it without. Gives leaves without that part where it is
 * the only thing in its node, and how many there were.
 */
export function stripValues<Leaf extends TreeLeaf>(
  leaves: readonly Leaf[],
): { readonly leaves: readonly (Leaf & { readonly isVariable: boolean })[]; readonly stripped: number } {
  const parentOf = ({ parts }: TreeLeaf) => JSON.stringify(parts.slice(0, -1));
  /** Different children of each node that has one called `value`. */
  const children = new Map<string, Set<PathPart>>();
  for (const leaf of leaves) if (leaf.parts.at(-1) === VALUE) children.set(parentOf(leaf), new Set());
  for (const { parts } of leaves)
    for (const [depth, part] of parts.entries()) children.get(JSON.stringify(parts.slice(0, depth)))?.add(part);
  let stripped = 0;
  const found = leaves.map((leaf) => {
    const { parts, kinds } = leaf;
    const isVariable =
      parts.length > 1 && parts.at(-1) === VALUE && kinds.at(-1) === 'key' && children.get(parentOf(leaf))?.size === 1;
    if (!isVariable) return { ...leaf, isVariable };
    stripped++;
    return { ...leaf, parts: parts.slice(0, -1), kinds: kinds.slice(0, -1), isVariable };
  });
  return { leaves: found, stripped };
}
