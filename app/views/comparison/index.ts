import { entryOf } from '../../state/explorer.ts';
import type { ViewDef } from '../view.ts';

/** How two documents, or two modules of them, differ. */
export const comparison: ViewDef = {
  id: 'comparison',
  title: 'Comparison',
  place: 'main',
  compares: true,
  supports: ({ document, node }) => entryOf(document, node) === undefined || document.tree.end[node]! > node + 1,
  load: () => import('./Comparison.tsx'),
};
