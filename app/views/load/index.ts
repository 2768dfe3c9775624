import { isDocument, type ViewDef } from '../view.ts';

/** What would happen if one state dict were loaded into another. */
export const load: ViewDef = {
  id: 'load',
  title: 'Load',
  place: 'main',
  supports: isDocument,
  load: () => import('./Load.tsx'),
};
