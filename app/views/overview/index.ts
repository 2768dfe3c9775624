import { isDocument, type ViewDef } from '../view.ts';

export const overview: ViewDef = {
  id: 'overview',
  title: 'Overview',
  place: 'main',
  supports: isDocument,
  load: () => import('./Overview.tsx'),
};
