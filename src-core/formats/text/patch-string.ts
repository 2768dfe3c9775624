/** How the inside of a quoted text is taken apart and written. */
export interface Quoting {
  /** Matches an escape, or a run of letters that stand for themselves. */
  readonly piece: RegExp;
  /** What an escape (or a line break) stands for. */
  decode(piece: string): string;
  isPlain(piece: string): boolean;
  write(text: string): string;
}

/**
 * The inside of a quoted text with another value: what is the same at its beginning and end stays as it is written, escapes, folded
 * lines and all. Whether the middle fits between them is for the caller to check.
 */
export function patchInside(inside: string, next: string, quoting: Quoting): string {
  const pieces = (inside.match(quoting.piece) ?? []).map((source): Piece => {
    const isPlain = quoting.isPlain(source);
    return { source, value: isPlain ? source : quoting.decode(source), isPlain };
  });
  const before = pieces.map(({ value }) => value).join('');
  const [head, tail] = commonEnds(before, next);
  const front = keepPieces(pieces, head);
  const back = keepPieces(pieces.toReversed(), tail);
  const middle = next.slice(front.letters, next.length - back.letters);
  const end = Math.max(front.length, inside.length - back.length);
  return inside.slice(0, front.length) + quoting.write(middle) + inside.slice(end);
}

interface Piece {
  readonly source: string;
  readonly value: string;
  readonly isPlain: boolean;
}

/** How many letters are the same at the beginning and, of the rest, at the end; no half of a surrogate pair. */
export function commonEnds(before: string, next: string): [head: number, tail: number] {
  const most = Math.min(before.length, next.length);
  let head = 0;
  while (head < most && before.charCodeAt(head) === next.charCodeAt(head)) head++;
  if (head > 0 && isHigh(before.charCodeAt(head - 1))) head--;
  let tail = 0;
  while (tail < most - head && before.charCodeAt(before.length - 1 - tail) === next.charCodeAt(next.length - 1 - tail))
    tail++;
  if (tail > 0 && isLow(before.charCodeAt(before.length - tail))) tail--;
  return [head, tail];
}

const isHigh = (code: number): boolean => code >= 0xd800 && code < 0xdc00;
const isLow = (code: number): boolean => code >= 0xdc00 && code < 0xe000;

/** Whole pieces, from either end, and a part of a plain one that make up to so many letters of the value. */
function keepPieces(pieces: readonly Piece[], most: number): { letters: number; length: number } {
  let letters = 0;
  let length = 0;
  for (const { source, value, isPlain } of pieces) {
    if (letters + value.length > most) {
      if (!isPlain) break;
      length += most - letters;
      letters = most;
      break;
    }
    letters += value.length;
    length += source.length;
  }
  return { letters, length };
}
