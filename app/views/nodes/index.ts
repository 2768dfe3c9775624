import { isDocument, type ViewDef } from '../view.ts';

export const nodes: ViewDef = {
  id: 'nodes',
  title: 'Nodes',
  place: 'main',
  supports: (target) => isDocument(target) && target.document.hasGraph,
  load: () => import('./Nodes.tsx'),
};
