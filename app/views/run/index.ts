import { isDocument, type ViewDef } from '../view.ts';

export const run: ViewDef = {
  id: 'run',
  title: 'Run',
  place: 'main',
  onDemand: true,
  // Modules with tensors below; a tensor by itself computes nothing.
  supports: (target) => {
    const { tree } = target.document;
    const isModule = tree.end[target.node]! > target.node + 1;
    return (isModule || isDocument(target)) && tree.params[target.node]! > 0;
  },
  load: () => import('./Run.tsx'),
};
