import type { Pairs } from '../../state/engine.ts';
import { isDocument, isPair, type ViewDef } from '../view.ts';

/** Who goes with whom where names differ, and how to say otherwise. */
export const renames: ViewDef = {
  id: 'renames',
  title: 'Renames',
  place: 'main',
  compares: true,
  supports: (target) => isDocument(target) && isPair(target) && hasDoubt(target.document.pairs),
  load: () => import('./Renames.tsx'),
};

/** Something has another name, or no partner. Asked at every click: columns of half a million pairs are not gone through. */
const hasDoubt = ({ count, renamed, pairOfA, pairOfB }: Pairs): boolean =>
  renamed[0]! > 0 || count > pairOfA.length || count > pairOfB.length;
