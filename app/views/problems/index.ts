import { isDocument, type ViewDef } from '../view.ts';

export const problems: ViewDef = {
  id: 'problems',
  title: 'Problems',
  place: 'main',
  supports: isDocument,
  load: () => import('./Problems.tsx'),
};
