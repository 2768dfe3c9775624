import { PAIR_STATUSES } from '../../../src-core/index.ts';
import { isDocument, isPair, type ViewDef } from '../view.ts';

const ONE_SIDED = ['added', 'removed', 'renamed', 'moved'] as const;
const CODES: readonly number[] = ONE_SIDED.map((status) => PAIR_STATUSES.indexOf(status));

/** Who goes with whom where names differ, and how to say otherwise. */
export const renames: ViewDef = {
  id: 'renames',
  title: 'Renames',
  place: 'main',
  compares: true,
  supports: (target) =>
    isDocument(target) && isPair(target) && target.document.pairs.status.some((status) => CODES.includes(status)),
  load: () => import('./Renames.tsx'),
};
