import { describeError, StateglassError, toErrorInfo } from '../../base/errors.ts';
import { nextStorage } from '../../model/change-state.ts';
import { pathOfNode } from '../../model/labels.ts';
import type { ModuleTree } from '../../model/module-tree.ts';
import { findPacked } from '../../model/packed/find-packed.ts';
import { type PackedWeight, wordPacking } from '../../model/packed/packed-weight.ts';
import type { StateDict } from '../../model/state-dict.ts';
import { planWeight, unpackWeight } from '../../ops/unpack-weight.ts';
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
    advice: adviseOn(state, packed),
  });
}

function adviseOn(state: StateDict, packed: PackedWeight): string {
  try {
    // What bitsandbytes keeps of a weight lies in the file, and is read when it is unpacked.
    if (packed.plan) unpackWeight(state, planWeight(state, packed, undefined), nextStorage(state));
    return 'Unpack the weights first: it is an edit that can be undone, and nothing is computed before it is needed';
  } catch (error) {
    return `Its numbers cannot be made: ${describeError(toErrorInfo(error))}`;
  }
}
