import { chunkCount, type KeyChunk, keyChunk, keyOfRow, lowerChunkKey } from './key-text.ts';
import type { EntryColumns } from './state-dict.ts';

export interface FoundKey {
  readonly row: number;
  readonly key: string;
}

/**
 * The best entries for a few typed letters, best first. A key that contains a word whole goes before one that has its letters
 * scattered; a word at the beginning of a part before one inside; short keys before long ones; then the order of the file.
 * Words must all fit. Without letters: the first entries. At most `limit` are given.
 */
export function searchKeys(columns: EntryColumns, text: string, limit: number): readonly FoundKey[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (limit <= 0) return [];
  const best = new Best(Math.floor(limit));
  for (let i = 0; i < chunkCount(columns); i++) scoreChunk(keyChunk(columns, i), words, wholeScore, best);
  if (!best.isFull() && words.length > 0) {
    const loose = new Best(Math.floor(limit) - best.size);
    const known = new Set(best.rows());
    for (let i = 0; i < chunkCount(columns); i++) scoreChunk(keyChunk(columns, i), words, looseScore, loose, known);
    return [...best.rows(), ...loose.rows()].map((row) => ({ row, key: keyOfRow(columns, row) }));
  }
  return best.rows().map((row) => ({ row, key: keyOfRow(columns, row) }));
}

/** Points for one word in a key (small letters); -1 when it does not fit. */
type Score = (chunk: KeyChunk, i: number, word: string) => number;

function scoreChunk(chunk: KeyChunk, words: readonly string[], score: Score, best: Best, without?: Set<number>): void {
  for (let i = 0; i < chunk.rows; i++) {
    let points = 0;
    for (const word of words) {
      const one = score(chunk, i, word);
      if (one < 0) {
        points = -1;
        break;
      }
      points += one;
    }
    if (points < 0 || without?.has(chunk.first + i)) continue;
    const length = chunk.lowerStarts[i + 1]! - chunk.lowerStarts[i]! - 1;
    best.add(chunk.first + i, points - length / 1000);
  }
}

const DOT = 0x2e;
const UNDERSCORE = 0x5f;

const wholeScore: Score = (chunk, i, word) => {
  const key = lowerChunkKey(chunk, i);
  let best = -1;
  for (let at = key.indexOf(word); at >= 0; at = key.indexOf(word, at + 1)) {
    const before = at === 0 ? DOT : key.charCodeAt(at - 1);
    const after = at + word.length === key.length ? DOT : key.charCodeAt(at + word.length);
    const points = 10 + (before === DOT ? 10 : before === UNDERSCORE ? 4 : 0) + (after === DOT ? 6 : 0);
    if (points > best) best = points;
    if (best === 26) break;
  }
  return best;
};

/** Letters in order, anywhere; each that follows its predecessor or begins a part counts. */
const looseScore: Score = (chunk, i, word) => {
  const key = lowerChunkKey(chunk, i);
  let at = -1;
  let points = 0;
  for (let k = 0; k < word.length; k++) {
    const next = key.indexOf(word[k]!, at + 1);
    if (next < 0) return -1;
    const before = next === 0 ? DOT : key.charCodeAt(next - 1);
    if (next === at + 1 && k > 0) points += 3;
    else if (before === DOT) points += 2;
    else if (before === UNDERSCORE) points += 1;
    at = next;
  }
  return points;
};

/** The `limit` rows with most points, kept in order; the earlier row wins a tie. */
class Best {
  private readonly limit: number;
  private readonly kept: { row: number; points: number }[] = [];
  constructor(limit: number) {
    this.limit = limit;
  }
  get size(): number {
    return this.kept.length;
  }
  isFull(): boolean {
    return this.kept.length >= this.limit;
  }
  add(row: number, points: number): void {
    if (this.isFull() && points <= this.kept[this.kept.length - 1]!.points) return;
    let at = this.kept.length;
    while (at > 0 && this.kept[at - 1]!.points < points) at--;
    this.kept.splice(at, 0, { row, points });
    if (this.kept.length > this.limit) this.kept.pop();
  }
  rows(): number[] {
    return this.kept.map((one) => one.row);
  }
}
