import { listPrompts, promptKindOf } from '../../../src-core/index.ts';
import { isDocument, type Target, type ViewDef } from '../view.ts';

export const run: ViewDef = {
  id: 'run',
  title: 'Run',
  place: 'main',
  onDemand: true,
  // Modules with tensors below; a tensor by itself computes nothing.
  supports: (target) => {
    const { tree } = target.document;
    const isModule = tree.end[target.node]! > target.node + 1;
    return ((isModule || isDocument(target)) && tree.params[target.node]! > 0) || saysSomething(target);
  },
  load: () => import('./Run.tsx'),
};

/** Texts that are sent to a model, here or in modules inside. */
function saysSomething({ document: { tree, dialect }, node }: Target): boolean {
  if (tree.params[node]! > 0) return false;
  if (promptKindOf(tree, node, dialect)) return true;
  return (dialect === 'msgflux' || dialect === 'dspy') && listPrompts(tree, node, dialect, 1).length > 0;
}
