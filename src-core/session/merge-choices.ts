import { StateglassError } from '../base/errors.ts';
import type { Document } from './document.ts';
import { findRows } from './find-rows.ts';

/**
 * Whose an entry shall be: A's, B's or the base's, with its absence there; a sum, B × `weight` + A × (1 − `weight`); or a text with what is in
 * conflict between markers.
 */
export type MergeTake =
  | { readonly kind: 'a' | 'b' | 'base' | 'markers' }
  | { readonly kind: 'sum'; readonly weight: number };

/** What a person decides for the entries that a query finds in A or in B. */
export interface MergeChoice {
  readonly query: string;
  readonly take: MergeTake;
}

/** `QUERY=a|b|base|average|weighted:0.3|markers`. @throws `bad-input` for anything else. */
export function readMergeChoice(text: string): MergeChoice {
  const at = text.lastIndexOf('=');
  const take = at > 0 ? readTake(text.slice(at + 1)) : undefined;
  if (take) return { query: text.slice(0, at), take };
  const detail = `"${text}" is no choice: QUERY=a, b, base, average, weighted:SHARE_OF_B or markers`;
  throw new StateglassError({ kind: 'bad-input', detail });
}

function readTake(word: string): MergeTake | undefined {
  if (word === 'a' || word === 'b' || word === 'base' || word === 'markers') return { kind: word };
  if (word === 'average') return AVERAGE;
  const weight = /^weighted:(-?\d*\.?\d+)$/.exec(word)?.[1];
  return weight === undefined ? undefined : { kind: 'sum', weight: Number(weight) };
}

export const AVERAGE: MergeTake = { kind: 'sum', weight: 0.5 };

/** The choices that mean rows of A and of B, the first first. @throws `bad-input` for a query that cannot be read. */
export function openChoices(
  choices: readonly MergeChoice[],
  a: Document,
  b: Document,
): (rowA: number, rowB: number) => readonly MergeTake[] {
  const open = choices.map(({ query, take }) => ({
    take,
    inA: new Set(findRows(a, query)),
    inB: new Set(findRows(b, query)),
  }));
  return (rowA, rowB) => open.filter(({ inA, inB }) => inA.has(rowA) || inB.has(rowB)).map(({ take }) => take);
}
