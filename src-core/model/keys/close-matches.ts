import { compareText } from './python-text.ts';

/** Below this two texts are not alike: difflib's own cutoff. */
const CUTOFF = 0.6;
/** From this length on, characters that make up more than a hundredth of a text start no match there: difflib's `autojunk`. */
const LONG = 200;
/** Nearly all keys are ASCII, where an array counts letters faster than a map. */
const ASCII = 128;

/**
 * `difflib.SequenceMatcher` of Python, which compares many texts with one: the same blocks, found in the same order, and so the same
 * ratio to the last bit. https://docs.python.org/3/library/difflib.html
 */
export class SequenceMatcher {
  readonly #b: readonly number[];
  readonly #places = new Map<number, number[]>();
  readonly #counts = new Map<number, number>();
  readonly #letters = new Int32Array(ASCII);
  readonly #left = new Int32Array(ASCII);
  constructor(b: string) {
    this.#b = toPoints(b);
    for (const [j, point] of this.#b.entries()) {
      const places = this.#places.get(point);
      if (places) places.push(j);
      else this.#places.set(point, [j]);
    }
    for (const [point, { length }] of this.#places) {
      this.#counts.set(point, length);
      if (point < ASCII) this.#letters[point] = length;
    }
    const most = Math.floor(this.#b.length / 100) + 1;
    if (this.#b.length >= LONG)
      for (const [point, places] of this.#places) if (places.length > most) this.#places.delete(point);
  }

  /** `ratio()`: twice the characters in common blocks by all characters. */
  ratio(a: string): number {
    const points = toPoints(a);
    return ratioOf(this.#countMatches(points), points.length + this.#b.length);
  }

  /** `quick_ratio()`: no ratio is above it. */
  boundRatio(a: string): number {
    const left = this.#left;
    left.set(this.#letters);
    let shared = 0;
    for (let i = 0; i < a.length; i++) {
      const point = a.charCodeAt(i);
      if (point >= ASCII) return this.#boundAny(a);
      if (left[point]!-- > 0) shared++;
    }
    return ratioOf(shared, a.length + this.#b.length);
  }

  #boundAny(a: string): number {
    const left = new Map(this.#counts);
    const points = toPoints(a);
    let shared = 0;
    for (const point of points) {
      const count = left.get(point) ?? 0;
      if (count > 0) shared++;
      left.set(point, count - 1);
    }
    return ratioOf(shared, points.length + this.#b.length);
  }

  #countMatches(a: readonly number[]): number {
    let matches = 0;
    const open: [number, number, number, number][] = [[0, a.length, 0, this.#b.length]];
    for (let part = open.pop(); part; part = open.pop()) {
      const [fromA, toA, fromB, toB] = part;
      const [i, j, size] = this.#longestMatch(a, part);
      if (size === 0) continue;
      matches += size;
      if (fromA < i && fromB < j) open.push([fromA, i, fromB, j]);
      if (i + size < toA && j + size < toB) open.push([i + size, toA, j + size, toB]);
    }
    return matches;
  }

  /** Of the longest, the first in `a`, then in `b`. What is too frequent starts no match and may be a part of one. */
  #longestMatch(a: readonly number[], [fromA, toA, fromB, toB]: readonly [number, number, number, number]) {
    const b = this.#b;
    let [bestA, bestB, size] = [fromA, fromB, 0];
    // Lengths of matches that end at each place of b, for this letter of a and the one before it.
    let [lengths, next] = [new Int32Array(toB + 1), new Int32Array(toB + 1)];
    for (let i = fromA; i < toA; i++) {
      next.fill(0);
      for (const j of this.#places.get(a[i]!) ?? []) {
        if (j < fromB) continue;
        if (j >= toB) break;
        const length = lengths[j]! + 1;
        next[j + 1] = length;
        if (length > size) [bestA, bestB, size] = [i - length + 1, j - length + 1, length];
      }
      [lengths, next] = [next, lengths];
    }
    while (bestA > fromA && bestB > fromB && a[bestA - 1] === b[bestB - 1]) {
      bestA--;
      bestB--;
      size++;
    }
    while (bestA + size < toA && bestB + size < toB && a[bestA + size] === b[bestB + size]) size++;
    return [bestA, bestB, size] as const;
  }
}

/**
 * `difflib.get_close_matches(word, possibilities, count)`: the texts most like `word`, best first; of equals the one that sorts last.
 * Texts that cannot be among the best by their letters alone are not compared, which changes nothing but the time.
 */
export function closeMatches(word: string, possibilities: readonly string[], count = 3): readonly string[] {
  const matcher = new SequenceMatcher(word);
  const bounded: { readonly text: string; readonly bound: number }[] = [];
  for (const text of possibilities) {
    const bound = matcher.boundRatio(text);
    if (bound >= CUTOFF) bounded.push({ text, bound });
  }
  bounded.sort((a, b) => b.bound - a.bound);
  const best: { readonly text: string; readonly ratio: number }[] = [];
  for (const { text, bound } of bounded) {
    const floor = best.length < count ? CUTOFF : (best[count - 1]?.ratio ?? CUTOFF);
    if (bound < floor) break;
    const ratio = matcher.ratio(text);
    if (ratio < floor) continue;
    best.push({ text, ratio });
    best.sort((a, b) => b.ratio - a.ratio || compareText(b.text, a.text));
    best.length = Math.min(best.length, count);
  }
  return best.map(({ text }) => text);
}

const ratioOf = (matches: number, length: number): number => (length === 0 ? 1 : (2 * matches) / length);

/** Surrogate pairs are one character to Python. */
const PAIR = /[\ud800-\udbff][\udc00-\udfff]/;

function toPoints(text: string): number[] {
  if (PAIR.test(text)) return Array.from(text, (char) => char.codePointAt(0) ?? 0);
  const points = new Array<number>(text.length);
  for (let i = 0; i < text.length; i++) points[i] = text.charCodeAt(i);
  return points;
}
