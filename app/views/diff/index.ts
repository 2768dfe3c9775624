import { entryOf } from '../../state/explorer.ts';
import type { ViewDef } from '../view.ts';

/** One entry on both sides: numbers, texts, and what is between them. */
export const diff: ViewDef = {
  id: 'diff',
  title: 'Difference',
  place: 'main',
  compares: true,
  supports: ({ document, node }) => entryOf(document, node) !== undefined,
  load: () => import('./Diff.tsx'),
};
