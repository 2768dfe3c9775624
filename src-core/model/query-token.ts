import { badInput } from './query-values.ts';

/** One term of a query, cut out but not yet understood. */
export interface Token {
  /** The term in the text, sign included. */
  readonly from: number;
  readonly to: number;
  readonly not: boolean;
  /** What stands before the colon. */
  readonly field?: string;
  /** Without quotes. */
  readonly value: string;
  /** Where the value begins in the text. */
  readonly at: number;
  /** Whether any of it was quoted: then no sign in it means anything. */
  readonly quoted: boolean;
  readonly regex?: { readonly source: string; readonly flags: string };
}

/** The next term at or after `start`; undefined at the end. A quote left open reaches to the end: somebody is typing. */
export function nextToken(text: string, start: number): Token | undefined {
  let at = start;
  while (at < text.length && /\s/.test(text[at]!)) at++;
  if (at >= text.length) return undefined;
  const from = at;
  const not = /[-!]/.test(text[at]!) && at + 1 < text.length && !/\s/.test(text[at + 1]!);
  if (not) at++;
  if (text[at] === '/') return readRegex(text, from, at, not);
  const field = /^([A-Za-z]+):/.exec(text.slice(at, at + 40));
  if (field) at += field[0].length;
  const value = readValue(text, at);
  const base = { from, to: value.to, not, value: value.text, at, quoted: value.quoted };
  return field ? { ...base, field: field[1]!.toLowerCase() } : base;
}

function readValue(text: string, start: number): { text: string; to: number; quoted: boolean } {
  let out = '';
  let quoted = false;
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const char = text[at]!;
    // Apostrophes occur in keys (`['b']`), so only a value that begins with one is quoted by it.
    if (char === '"' || (char === "'" && at === start)) {
      quoted = true;
      const close = text.indexOf(char, at + 1);
      out += text.slice(at + 1, close < 0 ? text.length : close);
      at = close < 0 ? text.length : close + 1;
      continue;
    }
    if (/\s/.test(char) && depth === 0) break;
    if (char === '[') depth++;
    if (char === ']' && depth > 0) depth--;
    out += char;
    at++;
  }
  // A bracket left open would swallow the terms behind it.
  if (depth > 0) {
    const space = /\s/.exec(text.slice(start));
    if (space && !quoted) return { text: text.slice(start, start + space.index), to: start + space.index, quoted };
  }
  return { text: out, to: at, quoted };
}

function readRegex(text: string, from: number, slash: number, not: boolean): Token {
  let inSet = false;
  for (let at = slash + 1; at < text.length; at++) {
    const char = text[at]!;
    if (char === '\\') at++;
    else if (char === '[') inSet = true;
    else if (char === ']') inSet = false;
    else if (char === '/' && !inSet) {
      const flags = /^[a-z]*/.exec(text.slice(at + 1))![0];
      if (!/^[imsu]*$/.test(flags))
        throw badInput(`the flags of a regular expression are i, m, s and u, not "${flags}"`, at + 1);
      const source = text.slice(slash + 1, at);
      if (source === '') throw badInput('the regular expression is empty', slash);
      return {
        from,
        to: at + 1 + flags.length,
        not,
        value: source,
        at: slash,
        quoted: false,
        regex: { source, flags },
      };
    }
  }
  throw badInput('the regular expression has no closing /; put quotes around the text to search for a slash', slash);
}
