import type { ComparedDocument, PairsSince } from '../engine/compare-api.ts';
import { computationsOf, keepComputation } from './computations.ts';
import { refreshExplorer } from './explorer.ts';
import { followNodes } from './follow-nodes.ts';
import { pairValuesKey, pairValuesOf } from './pair-values.ts';
import { inheritKnown, scannedNode, scanPairs } from './pairs.ts';
import { keyOfNode } from './tree-labels.ts';

/** Shows a comparison in the place of the one before an edit: what was open, selected and compared of what is as it was stays. */
export function followComparison(comparison: ComparedDocument, before: ComparedDocument, since: PairsSince): void {
  refreshExplorer(comparison, since.moved, before.id);
  inheritKnown(comparison, before, since.kept);
  const running = keepValues(comparison, before, since);
  const nodeNow = followNodes(before.tree, comparison.tree, since.moved);
  for (const node of running.map(nodeNow)) {
    if (node === undefined) continue;
    const name = node === 0 ? comparison.name : keyOfNode(comparison.tree, node);
    void scanPairs(comparison, node, name, true);
  }
}

/** Hands on what was found of single pairs. Gives the nodes below which values are being compared, as a person asked. */
function keepValues(comparison: ComparedDocument, before: ComparedDocument, { kept }: PairsSince): readonly number[] {
  const now = new Map<number, number>();
  for (const [pair, old] of kept.entries()) if (old >= 0) now.set(old, pair);
  const running: number[] = [];
  for (const [what, { status, asked }] of computationsOf(before.id)) {
    const node = scannedNode(what);
    if (node !== undefined && status === 'running' && asked) running.push(node);
    const pair = now.get(pairValuesOf(what) ?? -1);
    if (pair !== undefined && status === 'done') keepComputation(before.id, what, pairValuesKey(comparison, { pair }));
  }
  return running;
}
