import { patchInside, type Quoting } from './patch-string.ts';
import { isPlainText } from './yaml-scalar.ts';

/** Control characters, and what some reader takes for a line break or a mark: never written as they are. */
const UNSEEN = /[\x00-\x08\x0b-\x1f\x7f-\xa0\u2028\u2029\uFEFF\uFFFE\uFFFF]/;
const SHORT: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
};

/** Whether the text can stand without quotes, on one line, and is a text to every reader. */
export function isPlain(text: string, isInFlow: boolean): boolean {
  if (!isPlainText(text) || UNSEEN.test(text) || /[\t\n]/.test(text)) return false;
  if (/^[-?:,[\]{}#&*!|>'"%@`\s]|^(?:---|\.\.\.)|: |:$| #|\s$/.test(text)) return false;
  return !isInFlow || !/[,[\]{}]|:/.test(text);
}

/** On one line: without quotes where that can be, else in double ones. */
export const spellYamlText = (text: string, isInFlow: boolean): string =>
  isPlain(text, isInFlow) ? text : quoteDouble(text);

export const quoteDouble = (text: string): string => `"${escapeDouble(text)}"`;

const escapeDouble = (text: string): string =>
  text.replace(
    /["\\\x00-\x1f\x7f-\xa0\u2028\u2029\uFEFF\uFFFE\uFFFF]/g,
    (c) => SHORT[c] ?? (c <= '\xff' ? `\\x${hex(c, 2)}` : `\\u${hex(c, 4)}`),
  );

const hex = (c: string, digits: number): string => c.charCodeAt(0).toString(16).padStart(digits, '0');

/** A key: quoted as the one before was. */
export function spellYamlKey(key: string, isInFlow: boolean, written = ''): string {
  if (written.startsWith("'") && !UNSEEN.test(key) && !/[\t\n]/.test(key)) return `'${key.replaceAll("'", "''")}'`;
  return written.startsWith('"') ? quoteDouble(key) : spellYamlText(key, isInFlow);
}

/**
 * A quoted text (`written`) with another value: what is the same at both ends stays as it is, folded lines and all. `lineBreak` is what
 * a line break is between single quotes: an empty line, and the indent of the next.
 */
export function requoteYaml(written: string, next: string, lineBreak: string): string {
  const isDouble = written.startsWith('"');
  if (!isDouble && UNSEEN.test(next.replaceAll('\n', ''))) return quoteDouble(next);
  const fresh = isDouble || /\n/.test(next) ? quoteDouble(next) : `'${next.replaceAll("'", "''")}'`;
  const quoting: Quoting = {
    piece: isDouble
      ? /\\(?:x..|u.{4}|U.{8}|[ \t]*\r?\n[ \t]*|.)|[ \t]*(?:\r?\n[ \t]*)+|[^\\\r\n \t]+|[ \t]+/gs
      : /''|[ \t]*(?:\r?\n[ \t]*)+|[^'\r\n \t]+|[ \t]+/g,
    decode: (piece) => (piece === "''" ? "'" : piece.startsWith('\\') ? readEscape(piece) : unfold(piece)),
    isPlain: (piece) => !/^\\|^''$|\n/.test(piece),
    write: (text) => (isDouble ? escapeDouble(text) : text.replaceAll("'", "''").replaceAll('\n', lineBreak)),
  };
  const quote = written.charAt(0);
  const patched = quote + patchInside(written.slice(1, -1), next, quoting) + quote;
  return readQuoted(patched) === next ? patched : fresh;
}

/** Line breaks: one is a blank, more are one less. */
function unfold(breaks: string): string {
  const count = breaks.split('\n').length - 1;
  return count === 1 ? ' ' : '\n'.repeat(count - 1);
}

const LONG: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(SHORT).map(([c, short]) => [short.slice(1), c])),
  '/': '/',
  ' ': ' ',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};

function readEscape(piece: string): string {
  const letter = piece.charAt(1);
  if (/[xuU]/.test(letter)) return String.fromCodePoint(Number.parseInt(piece.slice(2), 16) || 0);
  return /\n/.test(piece) ? '' : (LONG[letter] ?? '');
}

/** What a quoted text says. */
function readQuoted(written: string): string {
  const inside = written.slice(1, -1);
  if (written.startsWith("'"))
    return inside.replace(/''|[ \t]*(?:\r?\n[ \t]*)+/g, (piece) => (piece === "''" ? "'" : unfold(piece)));
  return inside.replace(/\\(?:x..|u.{4}|U.{8}|[ \t]*\r?\n[ \t]*|.)|[ \t]*(?:\r?\n[ \t]*)+/gs, (piece) =>
    piece.startsWith('\\') ? readEscape(piece) : unfold(piece),
  );
}
