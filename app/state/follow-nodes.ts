import { type ModuleTree, NOT_AN_ENTRY } from '../../src-core/index.ts';
import { nodeAtPath, pathText } from './tree-labels.ts';

/** Where a node is in the tree after an edit: an entry by its row, a module by its path. */
export function followNodes(
  before: ModuleTree,
  after: ModuleTree,
  moved: Int32Array | undefined,
): (node: number) => number | undefined {
  return (node) => {
    const row = before.entry[node]!;
    if (row === NOT_AN_ENTRY) return nodeAtPath(after, pathText(before, node));
    const now = moved ? moved[row]! : row;
    return now < 0 ? undefined : after.nodeOfEntry[now];
  };
}
