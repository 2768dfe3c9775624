/** A Python literal as `np.lib.format` writes its headers: read, never evaluated. */
import { readPythonString } from '../../model/keys/python-text.ts';

export type Literal = string | number | boolean | null | readonly Literal[] | Tuple | ReadonlyMap<string, Literal>;

export interface Tuple {
  readonly tuple: readonly Literal[];
}

export const isTuple = (value: Literal | undefined): value is Tuple =>
  typeof value === 'object' && value !== null && 'tuple' in value;
export const isList = (value: Literal | undefined): value is readonly Literal[] => Array.isArray(value);
export const isDictionary = (value: Literal | undefined): value is ReadonlyMap<string, Literal> => value instanceof Map;

/** Structured types in structured types; NumPy itself stops at 32 dimensions and nobody nests so deep. */
const DEPTH = 32;
/** Whole numbers, `10L` as Python 2 wrote them too. */
const NUMBER = /[+-]?\d{1,20}L?/y;
const BLANK = /\s*/y;
const WORDS: Readonly<Record<string, boolean | null>> = { True: true, False: false, None: null };
const WORD = /[A-Za-z]+/y;

/** What is no literal, and where. */
export class LiteralFault extends Error {
  readonly at: number;
  constructor(detail: string, at: number) {
    super(detail);
    this.at = at;
  }
}

/** @throws `LiteralFault` for what is no dictionary, list, tuple, string, whole number, True, False or None. */
export function readLiteral(text: string): Literal {
  let at = 0;
  const skip = (): void => {
    BLANK.lastIndex = at;
    BLANK.exec(text);
    at = BLANK.lastIndex;
  };
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const fail = (detail: string) => new LiteralFault(detail, at);

  function readItems(close: string, depth: number): { items: Literal[]; commas: number } {
    const items: Literal[] = [];
    let commas = 0;
    at++;
    for (skip(); text[at] !== close; skip()) {
      if (items.length > commas) throw fail(`a comma or ${close} is missing`);
      items.push(readValue(depth + 1));
      skip();
      if (text[at] === ',') {
        commas++;
        at++;
      }
    }
    at++;
    return { items, commas };
  }

  function readMap(depth: number): Map<string, Literal> {
    const found = new Map<string, Literal>();
    at++;
    for (skip(); text[at] !== '}'; skip()) {
      const key = readValue(depth + 1);
      skip();
      if (typeof key !== 'string' || text[at] !== ':') throw fail('a key is no text, or a colon is missing');
      at++;
      found.set(key, readValue(depth + 1));
      skip();
      if (text[at] === ',') at++;
      else if (text[at] !== '}') throw fail('a comma or } is missing');
    }
    at++;
    return found;
  }

  function readValue(depth: number): Literal {
    if (depth > DEPTH) throw fail('it is nested too deep');
    skip();
    const c = text[at];
    if (c === '{') return readMap(depth);
    if (c === '[') return readItems(']', depth).items;
    if (c === '(') {
      const { items, commas } = readItems(')', depth);
      return items.length === 1 && commas === 0 ? (items[0] as Literal) : { tuple: items };
    }
    // Python 2 marks its texts.
    if ((c === 'u' || c === 'b') && (text[at + 1] === "'" || text[at + 1] === '"')) at++;
    const string = readPythonString(text, at);
    if (string) {
      at = string.end;
      return string.value;
    }
    const number = match(NUMBER);
    if (number !== undefined) return Number.parseInt(number, 10);
    const word = match(WORD);
    if (word !== undefined && Object.hasOwn(WORDS, word)) return WORDS[word] as boolean | null;
    throw fail('no value is there');
  }

  const value = readValue(0);
  skip();
  if (at < text.length) throw fail('more follows the header');
  return value;
}
