import { labelOfNode, type ModuleTree, MSGFLUX_PARTS, NOT_AN_ENTRY } from '../../../src-core/index.ts';

/** Rows of what an agent is told, by name: those of its texts that are there. Cheap: it looks at the module's own children alone. */
export function promptParts(tree: ModuleTree, node: number): ReadonlyMap<string, number> {
  const parts = new Map<string, number>();
  const end = tree.end[node]!;
  for (let child = node + 1; child < end; child = tree.end[child]!) {
    const row = tree.entry[child]!;
    const label = row === NOT_AN_ENTRY ? '' : labelOfNode(tree, child);
    if ((MSGFLUX_PARTS as readonly string[]).includes(label)) parts.set(label, row);
  }
  return parts;
}

/** An agent keeps them all; one name alone may be anybody's. */
export const isAgent = (tree: ModuleTree, node: number): boolean => promptParts(tree, node).size > 1;
