import { isDocument, type ViewDef } from '../view.ts';

export const health: ViewDef = {
  id: 'health',
  title: 'Health',
  place: 'main',
  supports: isDocument,
  load: () => import('./Health.tsx'),
};
