import { labelOfNode } from './labels.ts';
import type { ModuleTree } from './module-tree.ts';

/** The node at a path of labels joined by dots, the root for ''; undefined when there is none. A label may itself hold dots. */
export function findNode(tree: ModuleTree, path: string, from = 0): number | undefined {
  if (path === '') return from;
  for (let child = from + 1; child < tree.end[from]!; child = tree.end[child]!) {
    const label = labelOfNode(tree, child);
    if (path === label) return child;
    if (!path.startsWith(`${label}.`)) continue;
    const found = findNode(tree, path.slice(label.length + 1), child);
    if (found !== undefined) return found;
  }
  return undefined;
}
