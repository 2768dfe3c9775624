import { type ViewDef, valueTypeOf } from '../view.ts';

/** The numbers of a tensor, their picture, and the bytes they are stored as. */
export const values: ViewDef = {
  id: 'values',
  title: 'Values',
  place: 'main',
  supports: (target) => ['tensor', 'bytes'].includes(valueTypeOf(target) ?? ''),
  load: async () => ({ ...(await import('./Values.tsx')), ...(await import('./Rehearsal.tsx')) }),
};
