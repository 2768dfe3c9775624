import { patchInside, type Quoting } from './patch-string.ts';
import { Places } from './places.ts';
import { readTomlString } from './toml-string.ts';

/** The four ways TOML quotes a text, by their quotes. */
export type TomlQuote = '"' | "'" | '"""' | "'''";

const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/;
const SHORT: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
  '"': '\\"',
  '\\': '\\\\',
};

/** The text in quotes of that kind; in escaping ones where it holds what the raw ones cannot. */
export function spellTomlText(text: string, quote: TomlQuote, newline = '\n'): string {
  switch (quote) {
    case "'":
      return CONTROL.test(text) || /['\n\r]/.test(text) ? spellTomlText(text, '"') : `'${text}'`;
    case "'''":
      if (CONTROL.test(text) || /'''|'$|\r/.test(text)) return spellTomlText(text, '"""', newline);
      return `'''${newline}${text.replaceAll('\n', newline)}'''`;
    case '"""':
      return `"""${newline}${escapeLong(text, newline)}"""`;
    case '"':
      return `"${escapeShort(text)}"`;
  }
}

const escapeShort = (text: string): string =>
  text.replace(/["\\\x00-\x1f\x7f]/g, (c) => SHORT[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Line breaks, tabs and lone quotes stay as they are. */
function escapeLong(text: string, newline: string): string {
  return text
    .replace(/\\/g, '\\\\')
    .replace(/"""|"$/g, (quotes) => `${quotes.slice(1)}\\"`)
    .replace(/[\x00-\x08\x0b-\x1f\x7f]/g, (c) => SHORT[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll('\n', newline);
}

/** A quoted text (`written`) with another value: of its kind where that can be, and what is the same as it was. */
export function requoteToml(written: string, next: string, newline: string): string {
  const quote = (/^("""|'''|"|')/.exec(written)?.[0] ?? '"') as TomlQuote;
  const isLong = quote.length === 3;
  const isRaw = quote.startsWith("'");
  const open = isLong ? (/^...(?:\r?\n)?/.exec(written)?.[0] ?? quote) : quote;
  const fresh = spellTomlText(next, quote, newline);
  const quoting: Quoting = {
    piece: isRaw ? /\r\n|[^\r]+/g : /\\(?:u.{4}|U.{8}|x..|[ \t]*\r?\n[ \t\r\n]*|.)|\r\n|[^\\\r]+/gs,
    decode: (piece) => (piece === '\r\n' ? '\n' : (readText(`"""${piece}"""`) ?? '')),
    isPlain: (piece) => piece !== '\r\n' && (isRaw || !piece.startsWith('\\')),
    write(text) {
      if (isRaw) return isLong ? text.replaceAll('\n', newline) : text;
      return isLong ? escapeLong(text, newline) : escapeShort(text);
    },
  };
  const patched = open + patchInside(written.slice(open.length, -quote.length), next, quoting) + quote;
  return readText(patched) === next ? patched : fresh;
}

/** What a whole quoted text says; undefined when it is none. */
function readText(written: string): string | undefined {
  try {
    const source = { file: '', format: 'TOML', text: written, exact: true, places: new Places(written) };
    const { value, end } = readTomlString(source, 0, true);
    return end === written.length ? value : undefined;
  } catch {
    return undefined;
  }
}
