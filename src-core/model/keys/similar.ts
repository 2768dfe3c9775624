import { SequenceMatcher } from './close-matches.ts';

/**
 * Keys that somebody may have meant, by the ratio of Ratcliff and Obershelp as Python's `difflib.get_close_matches` uses it:
 * twice the characters in common blocks by all characters.
 */

/** Below this two keys are not alike; difflib's own cutoff. */
const CUTOFF = 0.6;
/** A key that contains what was typed is worth telling however long it is. */
const CONTAINED = 0.8;
/** Longer keys are left out: comparing takes the product of the lengths. Real ones have some 60 characters. */
const MAX_LENGTH = 300;

/** The keys most like `wanted`, best first, at most `count`. Keys that are not alike at all are left out. */
export function similarKeys(wanted: string, keys: Iterable<string>, count = 3): string[] {
  if (wanted === '' || wanted.length > MAX_LENGTH) return [];
  const best: { key: string; score: number }[] = [];
  const matcher = new SequenceMatcher(wanted);
  for (const key of keys) {
    if (key.length > MAX_LENGTH || key === '') continue;
    const floor = best.length < count ? CUTOFF : (best[count - 1]?.score ?? CUTOFF);
    const score = scoreOf(key, wanted, matcher, floor);
    if (score < CUTOFF || (best.length >= count && score <= floor) || best.some((found) => found.key === key)) continue;
    best.push({ key, score });
    best.sort((a, b) => b.score - a.score);
    best.length = Math.min(best.length, count);
  }
  return best.map(({ key }) => key);
}

function scoreOf(key: string, wanted: string, matcher: SequenceMatcher, floor: number): number {
  const contained = wanted.length > 1 && key.includes(wanted) ? CONTAINED : 0;
  // Two upper bounds, as difflib has them: most keys need no more.
  const total = key.length + wanted.length;
  if ((2 * Math.min(key.length, wanted.length)) / total < floor) return contained;
  if (matcher.boundRatio(key) < floor) return contained;
  return Math.max(contained, matcher.ratio(key));
}

/** 1 for equal texts, 0 for texts without a common character: difflib's ratio. */
export const similarity = (a: string, b: string): number => new SequenceMatcher(b).ratio(a);
