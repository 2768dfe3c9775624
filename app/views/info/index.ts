import { isDocument, type ViewDef, valueTypeOf } from '../view.ts';

export const info: ViewDef = {
  id: 'info',
  title: 'Info',
  place: 'main',
  supports: (target) => !isDocument(target) || valueTypeOf(target) !== undefined,
  load: () => import('./Info.tsx'),
};
