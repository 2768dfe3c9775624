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
  const letters = countLetters(wanted);
  for (const key of keys) {
    if (key.length > MAX_LENGTH || key === '') continue;
    const floor = best.length < count ? CUTOFF : (best[count - 1]?.score ?? CUTOFF);
    const score = scoreOf(key, wanted, letters, floor);
    if (score < CUTOFF || (best.length >= count && score <= floor) || best.some((found) => found.key === key)) continue;
    best.push({ key, score });
    best.sort((a, b) => b.score - a.score);
    best.length = Math.min(best.length, count);
  }
  return best.map(({ key }) => key);
}

function scoreOf(key: string, wanted: string, letters: ReadonlyMap<number, number>, floor: number): number {
  const contained = wanted.length > 1 && key.includes(wanted) ? CONTAINED : 0;
  // Two upper bounds, as difflib has them: most keys need no more.
  const total = key.length + wanted.length;
  if ((2 * Math.min(key.length, wanted.length)) / total < floor) return contained;
  if ((2 * sharedLetters(key, letters)) / total < floor) return contained;
  return Math.max(contained, similarity(key, wanted));
}

function countLetters(text: string): Map<number, number> {
  const letters = new Map<number, number>();
  for (let i = 0; i < text.length; i++) letters.set(text.charCodeAt(i), (letters.get(text.charCodeAt(i)) ?? 0) + 1);
  return letters;
}

function sharedLetters(text: string, letters: ReadonlyMap<number, number>): number {
  let shared = 0;
  for (const [letter, times] of countLetters(text)) shared += Math.min(times, letters.get(letter) ?? 0);
  return shared;
}

/** 1 for equal texts, 0 for texts without a common character. */
export function similarity(a: string, b: string): number {
  if (a.length + b.length === 0) return 1;
  let common = 0;
  const open: [number, number, number, number][] = [[0, a.length, 0, b.length]];
  for (let part = open.pop(); part; part = open.pop()) {
    const [fromA, toA, fromB, toB] = part;
    const block = longestBlock(a, b, part);
    if (block.length === 0) continue;
    common += block.length;
    open.push([fromA, block.inA, fromB, block.inB], [block.inA + block.length, toA, block.inB + block.length, toB]);
  }
  return (2 * common) / (a.length + b.length);
}

/** The longest common block; of several the first in `a`, then in `b`. */
function longestBlock(a: string, b: string, [fromA, toA, fromB, toB]: readonly [number, number, number, number]) {
  let best = { inA: fromA, inB: fromB, length: 0 };
  let before = new Uint16Array(toB - fromB + 1);
  for (let i = fromA; i < toA; i++) {
    const here = new Uint16Array(toB - fromB + 1);
    for (let j = fromB; j < toB; j++) {
      if (a.charCodeAt(i) !== b.charCodeAt(j)) continue;
      const length = (before[j - fromB] as number) + 1;
      here[j - fromB + 1] = length;
      if (length > best.length) best = { inA: i - length + 1, inB: j - length + 1, length };
    }
    before = here;
  }
  return best;
}
