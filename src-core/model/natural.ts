import type { PathPart } from './keys/key.ts';

/**
 * Natural order of key parts: `h.2` before `h.10`, capitals beside small letters, integers before text.
 *
 * A part becomes a string whose plain code-unit order is the order wanted, so that sorting half a million labels costs one
 * string comparison each, and the order is total by construction. A run of digits is written as `0`, its length, its digits.
 */
export function naturalKey(text: string, isInt = false): string {
  return isInt ? `\u0000${intKey(text)}` : `\u0001${textKey(text)}`;
}

function textKey(text: string): string {
  const lower = text.toLowerCase();
  return /\d/.test(lower) ? lower.replace(/\d+/g, (run) => `0${digitsKey(run)}`) : lower;
}

function intKey(text: string): string {
  if (!text.startsWith('-')) return `1${digitsKey(text)}`;
  // Nines' complement turns the order of negative numbers round.
  const digits = trimZeros(text.slice(1));
  const turned = digits.replace(/\d/g, (d) => String(9 - Number(d)));
  return `0${String.fromCharCode(0xffff - Math.min(digits.length, 0xffff))}${turned}`;
}

function digitsKey(run: string): string {
  const digits = trimZeros(run);
  return String.fromCharCode(Math.min(digits.length, 0xffff)) + digits;
}

const trimZeros = (run: string): string => run.replace(/^0+(?=\d)/, '');

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Negative, zero (only for identical parts) or positive. */
export function compareNatural(a: PathPart, b: PathPart): number {
  const textA = String(a);
  const textB = String(b);
  const keys = compareText(naturalKey(textA, typeof a === 'number'), naturalKey(textB, typeof b === 'number'));
  return keys !== 0 ? keys : compareText(textA, textB);
}

/** Part by part; a prefix comes first. */
export function compareNaturalPaths(a: readonly PathPart[], b: readonly PathPart[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = compareNatural(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Rank of each label in natural order; no two are equal. `isInt(i)` says whether label `i` is an integer part. */
export function rankLabels(texts: readonly string[], isInt: (label: number) => boolean): Uint32Array<ArrayBuffer> {
  const keys = texts.map((text, label) => naturalKey(text, isInt(label)));
  const order = texts.map((_, label) => label);
  order.sort((a, b) => compareText(keys[a]!, keys[b]!) || compareText(texts[a]!, texts[b]!) || a - b);
  const rank = new Uint32Array(texts.length);
  order.forEach((label, place) => {
    rank[label] = place;
  });
  return rank;
}
