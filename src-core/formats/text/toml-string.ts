import { failAt, type TextSource } from './tree.ts';

export interface TomlString {
  readonly value: string;
  readonly end: number;
  /** Uses an escape that only TOML 1.1 has (`\e`, `\x41`). */
  readonly newer: boolean;
}

/**
 * A quoted text of TOML, of any of its four kinds. `multiline` is refused for keys. A CRLF inside one is read as LF, as
 * Python's tomllib does (TOML leaves it open).
 */
export function readTomlString(source: TextSource, start: number, multiline: boolean): TomlString {
  const { text } = source;
  const quote = text[start]!;
  const isLong = multiline && text.startsWith(quote.repeat(3), start);
  const isBasic = quote === '"';
  let at = start + (isLong ? 3 : 1);
  let newer = false;
  let value = '';
  // A line break right after the opening quotes does not count.
  if (isLong && text[at] === '\n') at++;
  else if (isLong && text.startsWith('\r\n', at)) at += 2;
  let from = at;
  const rawTo = (end: number) => text.slice(from, end).replaceAll('\r\n', '\n');
  for (;;) {
    const c = text[at];
    if (c === undefined) throw failAt(source, 'the file ends inside a text that begins here', start);
    if (c === quote && !isLong) return { value: value + rawTo(at), end: at + 1, newer };
    if (c === quote && text.startsWith(quote.repeat(3), at)) {
      // Up to two more quotes belong to the text: """a""""" ends in two of them.
      let extra = 0;
      while (extra < 2 && text[at + 3 + extra] === quote) extra++;
      return { value: value + rawTo(at + extra), end: at + 3 + extra, newer };
    }
    if (c === '\\' && isBasic) {
      const read = readEscape(source, at, isLong);
      value += rawTo(at) + read.value;
      newer ||= read.newer;
      at = from = read.end;
      continue;
    }
    const isBreak = c === '\n' || (c === '\r' && text[at + 1] === '\n');
    if (isBreak && !isLong) throw failAt(source, 'a text ends at a line break without its closing quote', start);
    if (c < ' ' && c !== '\t' && !isBreak) throw failAt(source, `the control character U+${hex4(c)} in a text`, at);
    if (c === '\x7f') throw failAt(source, 'the control character U+007f in a text', at);
    at++;
  }
}

const hex4 = (c: string): string => c.charCodeAt(0).toString(16).padStart(4, '0');

const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  t: '\t',
  n: '\n',
  f: '\f',
  r: '\r',
  e: '\x1b',
  '"': '"',
  '\\': '\\',
};
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const LINE_END = /\\[ \t]*\r?\n[ \t\r\n]*/y;

function readEscape(source: TextSource, at: number, isLong: boolean): TomlString {
  const { text } = source;
  const c = text[at + 1] ?? '';
  const plain = ESCAPES[c];
  if (plain !== undefined) return { value: plain, end: at + 2, newer: c === 'e' };
  LINE_END.lastIndex = at;
  const folded = isLong ? LINE_END.exec(text)?.[0] : undefined;
  if (folded !== undefined) return { value: '', end: at + folded.length, newer: false };
  const digits = HEX_DIGITS[c];
  const hex = digits === undefined ? '' : text.slice(at + 2, at + 2 + digits);
  const code = /^[0-9a-fA-F]+$/.test(hex) && hex.length === digits ? Number.parseInt(hex, 16) : Infinity;
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
    const shown = JSON.stringify(text.slice(at, at + 2 + hex.length))
      .slice(1, -1)
      .replace('\\\\', '\\');
    throw failAt(source, `"${shown}" is not an escape`, at);
  }
  return { value: String.fromCodePoint(code), end: at + 2 + hex.length, newer: c === 'x' };
}
