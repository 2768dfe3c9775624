import { isDocument, type ViewDef } from '../view.ts';

export const edits: ViewDef = {
  id: 'edits',
  title: 'Edits',
  place: 'main',
  supports: isDocument,
  load: () => import('./Edits.tsx'),
};
