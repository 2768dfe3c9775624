import type { ViewDef } from '../view.ts';

export const stats: ViewDef = {
  id: 'stats',
  title: 'Statistics',
  place: 'main',
  onDemand: true,
  // Tensors, and what has any below: the totals of a module count them.
  supports: ({ document: { tree }, node }) => tree.dtype[node]! > 0 || tree.params[node]! > 0,
  load: () => import('./Stats.tsx'),
};
