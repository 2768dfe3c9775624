import { StateglassError } from '../base/errors.ts';

/**
 * A glob over a whole text: `*` is any text, dots included; `?` one character; `[0-9]` one of a set, `[!a]` none of it;
 * `{a,b}` either. Pieces between stars have fixed lengths, so taking the first place for each is enough: the time is bounded
 * by pattern times text, which a regular expression of many stars is not.
 */
export type Glob = (lower: string) => boolean;

/** Alternatives multiply: `{a,b}{c,d}` makes four. Nobody types more. */
const MAX_ALTERNATIVES = 256;

/** The test for texts in small letters. A pattern that cannot be read is a `bad-input` error at `at`. */
export function compileGlob(glob: string, at = 0): Glob {
  const patterns = expandBraces(glob.toLowerCase(), at).map((one) => readPieces(one, at));
  return (lower) => patterns.some((pieces) => matchPieces(pieces, lower));
}

export const isGlob = (text: string): boolean => /[*?]|\{[^{}]*,[^{}]*\}/.test(text);

function expandBraces(glob: string, at: number): readonly string[] {
  const done: string[] = [];
  const open = [glob];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const braces = /\{([^{}]*,[^{}]*)\}/.exec(one);
    if (!braces) {
      done.push(one);
      continue;
    }
    const before = one.slice(0, braces.index);
    const after = one.slice(braces.index + braces[0].length);
    for (const choice of braces[1]!.split(',')) open.push(before + choice + after);
    if (open.length + done.length > MAX_ALTERNATIVES) throw badPattern(glob, 'it has too many alternatives', at);
  }
  return done;
}

/** One character of a pattern: itself, a set, or any (undefined). */
type Unit = string | RegExp | undefined;
interface Piece {
  readonly units: readonly Unit[];
  /** The piece as text when it has no wild character. */
  readonly literal?: string;
}

function readPieces(glob: string, at: number): readonly Piece[] {
  const pieces: Unit[][] = [[]];
  for (let i = 0; i < glob.length; i++) {
    const char = glob[i]!;
    const close = char === '[' ? glob.indexOf(']', i + 2) : -1;
    if (char === '*') {
      pieces.push([]);
    } else if (close > 0) {
      pieces[pieces.length - 1]!.push(readSet(glob, glob.slice(i + 1, close), at));
      i = close;
    } else {
      pieces[pieces.length - 1]!.push(char === '?' ? undefined : char);
    }
  }
  return pieces.map((units) => {
    const isPlain = units.every((unit) => typeof unit === 'string');
    return isPlain ? { units, literal: units.join('') } : { units };
  });
}

function readSet(glob: string, text: string, at: number): RegExp {
  const isNot = text.startsWith('!') || text.startsWith('^');
  const members = (isNot ? text.slice(1) : text).replace(/[\\\]^[]/g, '\\$&');
  try {
    return new RegExp(`[${isNot ? '^' : ''}${members}]`);
  } catch {
    throw badPattern(glob, `[${text}] is no set of characters`, at);
  }
}

function matchPieces(pieces: readonly Piece[], text: string): boolean {
  const first = pieces[0]!;
  const last = pieces[pieces.length - 1]!;
  if (pieces.length === 1) return text.length === first.units.length && standsAt(first, text, 0);
  let at = first.units.length;
  const end = text.length - last.units.length;
  if (end < at || !standsAt(first, text, 0) || !standsAt(last, text, end)) return false;
  for (let i = 1; i < pieces.length - 1; i++) {
    const found = findPiece(pieces[i]!, text, at);
    if (found < 0) return false;
    at = found + pieces[i]!.units.length;
    if (at > end) return false;
  }
  return true;
}

function findPiece(piece: Piece, text: string, from: number): number {
  if (piece.literal !== undefined) return text.indexOf(piece.literal, from);
  for (let at = from; at + piece.units.length <= text.length; at++) if (standsAt(piece, text, at)) return at;
  return -1;
}

function standsAt(piece: Piece, text: string, at: number): boolean {
  if (piece.literal !== undefined) return text.startsWith(piece.literal, at);
  return piece.units.every((unit, i) => {
    if (unit === undefined) return true;
    const char = text[at + i]!;
    return typeof unit === 'string' ? unit === char : unit.test(char);
  });
}

const badPattern = (glob: string, why: string, at: number): StateglassError =>
  new StateglassError({ kind: 'bad-input', detail: `the pattern ${glob} cannot be read: ${why}`, at });
