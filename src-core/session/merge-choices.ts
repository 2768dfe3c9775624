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

/** What a person decides for the entries that a query finds in A or in B, or for lines of the three-way comparison. */
export type MergeChoice = { readonly take: MergeTake } & (
  | { readonly query: string }
  | { readonly lines: readonly number[] }
);

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

/** The choices that mean a line and its rows of A and of B, the first first. @throws `bad-input` for a query that cannot be read. */
export function openChoices(
  choices: readonly MergeChoice[],
  a: Document,
  b: Document,
): (rowA: number, rowB: number, line: number) => readonly MergeTake[] {
  const open = choices.map((choice) => ({ take: choice.take, means: openChoice(choice, a, b) }));
  return (rowA, rowB, line) => open.filter(({ means }) => means(rowA, rowB, line)).map(({ take }) => take);
}

function openChoice(
  choice: MergeChoice,
  a: Document,
  b: Document,
): (rowA: number, rowB: number, line: number) => boolean {
  if ('lines' in choice) {
    const lines = new Set(choice.lines);
    return (_rowA, _rowB, line) => lines.has(line);
  }
  const [inA, inB] = [a, b].map((side) => new Set(findRows(side, choice.query))) as [Set<number>, Set<number>];
  return (rowA, rowB) => inA.has(rowA) || inB.has(rowB);
}
