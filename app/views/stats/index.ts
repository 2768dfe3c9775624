import { type ViewDef, valueTypeOf } from '../view.ts';

export const stats: ViewDef = {
  id: 'stats',
  title: 'Statistics',
  place: 'main',
  onDemand: true,
  supports: (target) => valueTypeOf(target) === 'tensor',
  load: () => import('./Stats.tsx'),
};
