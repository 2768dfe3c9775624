import type { ViewDef } from '../view.ts';

export const explorer: ViewDef = {
  id: 'explorer',
  title: 'Explorer',
  place: 'side',
  supports: () => true,
  load: () => import('./Explorer.tsx'),
};
