import { isDocument, type ViewDef } from '../view.ts';

export const metadata: ViewDef = {
  id: 'metadata',
  title: 'Metadata',
  place: 'main',
  supports: (target) => isDocument(target),
  load: () => import('./Metadata.tsx'),
};
