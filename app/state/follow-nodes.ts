import { type ModuleTree, NOT_AN_ENTRY } from '../../src-core/index.ts';
import { labelOf } from './tree-labels.ts';

/** Where a node is in the tree after an edit: an entry by its row, a module by its path. */
export function followNodes(
  before: ModuleTree,
  after: ModuleTree,
  moved: Int32Array | undefined,
): (node: number) => number | undefined {
  if (hasSameNodes(before, after) && (moved?.every((now, row) => now === row) ?? true)) return (node) => node;
  let places: Int32Array | undefined;
  return (node) => {
    const row = before.entry[node]!;
    if (row === NOT_AN_ENTRY) {
      places ??= matchNodes(before, after);
      return places[node]! < 0 ? undefined : places[node];
    }
    const now = moved ? moved[row]! : row;
    return now < 0 ? undefined : after.nodeOfEntry[now];
  };
}

/** An edit of a value leaves the nodes as they are: nothing has to be looked for. */
const hasSameNodes = (a: ModuleTree, b: ModuleTree): boolean =>
  (['parent', 'label', 'entry', 'labelStart', 'labelBytes'] as const).every((column) => isSame(a[column], b[column]));

const isSame = (a: ArrayLike<number>, b: ArrayLike<number>): boolean => {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

/** The node of the same path for each node, or −1: both trees are walked once, however many nodes are asked for. */
function matchNodes(before: ModuleTree, after: ModuleTree): Int32Array {
  const places = new Int32Array(before.count).fill(-1);
  places[0] = 0;
  for (let node = 0; node < before.count; node++) {
    const at = places[node]!;
    if (at < 0) continue;
    const children = new Map<string, number>();
    for (let child = at + 1; child < after.end[at]!; child = after.end[child]!) {
      const label = labelOf(after, child);
      if (!children.has(label)) children.set(label, child);
    }
    for (let child = node + 1; child < before.end[node]!; child = before.end[child]!)
      places[child] = children.get(labelOf(before, child)) ?? -1;
  }
  return places;
}
