import { type ModuleTree, NODE_FLAG } from './module-tree.ts';
import { marksEntry } from './problem-list.ts';
import { type EntryColumns, type Problem, ROW_FLAG } from './state-dict.ts';

/** Flags the entries that errors and warnings point at, and the modules above them, in columns that exist already. */
export function markProblems(
  problems: readonly Problem[],
  tree: Pick<ModuleTree, 'entryCount' | 'nodeOfEntry' | 'parent'> & { readonly flags: Uint16Array },
  columns?: EntryColumns,
): void {
  for (const problem of problems) {
    const row = problem.entry;
    if (row === undefined || !marksEntry(problem) || row >= tree.entryCount) continue;
    if (columns) columns.flags[row]! |= ROW_FLAG.problem;
    const node = tree.nodeOfEntry[row]!;
    tree.flags[node]! |= ROW_FLAG.problem;
    for (let at = tree.parent[node]!; (tree.flags[at]! & NODE_FLAG.problemBelow) === 0; at = tree.parent[at]!) {
      tree.flags[at]! |= NODE_FLAG.problemBelow;
    }
  }
}
