import type { ComparedDocument, DocumentId } from '../../state/engine.ts';
import { SIDE_NAMES, type SideNames } from '../../state/pair-parts.ts';

/** An entry of an open document. */
export interface SideEntry {
  readonly document: DocumentId;
  readonly entry: number;
}

/** Two of the entries that a pair stands for, set against each other. */
export interface DiffSides {
  readonly comparison: ComparedDocument;
  readonly pair: number;
  /** What this side made of the base; A against B when absent. */
  readonly since?: 'a' | 'b';
  readonly left: SideEntry;
  readonly right: SideEntry;
  readonly names: SideNames;
}

/** What of a pair and its base is shown: one side against the base, the sides against each other, or all three as one text. */
export type DiffFace = 'a' | 'b' | 'ab' | 'merge';

const SINCE: Readonly<Record<'a' | 'b', SideNames>> = { a: ['base', 'A'], b: ['base', 'B'] };

export interface PairRows {
  readonly pair: number;
  readonly rowA: number;
  readonly rowB: number;
}

/** The sides of a face; undefined where one of them has no such entry. */
export function sidesOfFace(
  comparison: ComparedDocument,
  { pair, rowA, rowB }: PairRows,
  base: SideEntry | undefined,
  face: Exclude<DiffFace, 'merge'>,
): DiffSides | undefined {
  const [a, b] = [
    { document: comparison.pairs.a, entry: rowA },
    { document: comparison.pairs.b, entry: rowB },
  ];
  if (face === 'ab')
    return rowA < 0 || rowB < 0 ? undefined : { comparison, pair, left: a, right: b, names: SIDE_NAMES };
  const right = face === 'a' ? a : b;
  if (!base || base.entry < 0 || right.entry < 0) return undefined;
  return { comparison, pair, since: face, left: base, right, names: SINCE[face] };
}
