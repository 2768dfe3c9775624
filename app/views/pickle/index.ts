import { isDocument, type ViewDef } from '../view.ts';

export const pickle: ViewDef = {
  id: 'pickle',
  title: 'Pickle',
  place: 'main',
  supports: (target) => isDocument(target) && target.document.hasPickle,
  load: () => import('./Pickle.tsx'),
};
