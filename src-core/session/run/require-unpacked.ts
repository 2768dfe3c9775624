import { StateglassError } from '../../base/errors.ts';
import { pathOfNode } from '../../model/labels.ts';
import type { ModuleTree } from '../../model/module-tree.ts';
import { findPacked } from '../../model/packed/find-packed.ts';
import { wordPacking } from '../../model/packed/packed-weight.ts';
import type { Document } from '../document.ts';

/** @throws `not-runnable` for a module in which a weight is packed: its codes are not its values. */
export function requireUnpacked({ name, state }: Document, tree: ModuleTree, node: number): void {
  const packed = findPacked(state).find(({ row }) => {
    const at = tree.nodeOfEntry[row]!;
    return at >= node && at < tree.end[node]!;
  });
  if (!packed) return;
  throw new StateglassError({
    kind: 'not-runnable',
    path: pathOfNode(tree, node) || name,
    why: `${packed.key} is packed (${wordPacking(packed)})`,
    advice: 'Unpack the weights first: it is an edit that can be undone, and nothing is computed before it is needed',
  });
}
