import { describeError, toErrorInfo } from '../../base/errors.ts';
import { lowerModule } from '../../graph/lower-module.ts';
import { openModule } from '../../graph/module-node.ts';
import { pathOfNode } from '../../model/labels.ts';
import type { ModuleTree } from '../../model/module-tree.ts';
import type { Document } from '../document.ts';
import { ONNX_KIND } from './describe-onnx.ts';
import type { RunFacts } from './facts.ts';
import { forecastRun, requireRoom } from './forecast.ts';
import { isOnnx } from './onnx-graph.ts';
import { requireUnpacked } from './require-unpacked.ts';

export type ListedModule = { readonly node: number; readonly path: string } & (
  | { readonly kind: string }
  /** The end of "cannot be run: …". */
  | { readonly why: string }
);

/**
 * Every module from `from` down, in tree order, and whether it can be run. Of a run of blocks that are alike only the first
 * is there: what holds for it holds for the others.
 */
export function* listRunnable(
  document: Document,
  tree: ModuleTree,
  facts: RunFacts,
  from = 0,
): Generator<ListedModule> {
  if (isOnnx(document)) {
    yield { node: 0, path: '', kind: ONNX_KIND };
    return;
  }
  for (let node = from; node < tree.end[from]!; ) {
    if (tree.end[node] === node + 1) {
      node++;
      continue;
    }
    yield judge(document, tree, facts, node);
    const skip = afterRepeats(tree, node);
    if (skip === undefined) {
      node++;
      continue;
    }
    // Inside the first of them everything is looked at; the others are passed over.
    for (let inner = node + 1; inner < tree.end[node]!; inner++)
      if (tree.end[inner] !== inner + 1) yield judge(document, tree, facts, inner);
    node = skip;
  }
}

/** The node behind a run of alike siblings that begins here; undefined when none does. */
function afterRepeats(tree: ModuleTree, node: number): number | undefined {
  const times = tree.repeat[node]!;
  if (times === 0) return undefined;
  let after = node;
  for (let i = 0; i < times; i++) after = tree.end[after]!;
  return after;
}

function judge(document: Document, tree: ModuleTree, facts: RunFacts, node: number): ListedModule {
  const path = pathOfNode(tree, node);
  try {
    requireUnpacked(document, tree, node);
    const { kind, graph } = lowerModule(openModule(document.state.entries, tree, node), { facts });
    requireRoom(forecastRun(graph), path === '' ? document.name : path);
    return { node, path, kind };
  } catch (error) {
    const info = toErrorInfo(error);
    return { node, path, why: info.kind === 'not-runnable' ? info.why : describeError(info) };
  }
}
