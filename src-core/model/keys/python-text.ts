/**
 * Text as Python's `repr` writes it, which is how keystr and tuple keys quote their parts.
 * https://docs.python.org/3/library/stdtypes.html#str.isprintable says what is escaped.
 */

const SIMPLE: Readonly<Record<string, string>> = { '\\': '\\', "'": "'", '"': '"', n: '\n', r: '\r', t: '\t' };
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** Reads a quoted string that begins at `at`; `end` is one past its closing quote. Undefined when it is not one that `repr` would write. */
export function readPythonString(text: string, at: number): { value: string; end: number } | undefined {
  const quote = text[at];
  if (quote !== "'" && quote !== '"') return undefined;
  let value = '';
  for (let i = at + 1; i < text.length; i++) {
    const c = text[i]!;
    if (c === quote) return { value, end: i + 1 };
    if (c === '\n' || c === '\r') return undefined;
    if (c !== '\\') {
      value += c;
      continue;
    }
    const code = text[++i] ?? '';
    const simple = SIMPLE[code];
    if (simple !== undefined) {
      value += simple;
      continue;
    }
    const digits = HEX_DIGITS[code];
    if (digits === undefined) return undefined;
    const hex = text.slice(i + 1, i + 1 + digits);
    const point = /^[0-9a-fA-F]+$/.test(hex) && hex.length === digits ? Number.parseInt(hex, 16) : Infinity;
    if (point > 0x10ffff) return undefined;
    value += String.fromCodePoint(point);
    i += digits;
  }
  return undefined;
}

/** Nearly every key: nothing in it is escaped. */
const PLAIN = /^[\w .-]*$/;

/** Writes text as `repr` does: single quotes unless the text has those and no double ones, unprintable characters escaped. */
export function writePythonString(value: string): string {
  if (PLAIN.test(value)) return `'${value}'`;
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  let text = quote;
  for (const c of value) text += c === quote || c === '\\' ? `\\${c}` : escapeUnprintable(c);
  return text + quote;
}

function escapeUnprintable(c: string): string {
  if (c === '\n') return '\\n';
  if (c === '\r') return '\\r';
  if (c === '\t') return '\\t';
  if (c === ' ' || !/[\p{C}\p{Z}]/u.test(c)) return c;
  const code = c.codePointAt(0)!;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}

/** An integer as Python writes it and a number can hold: no sign on zero, no leading zeros. */
export function readPythonInt(text: string): number | undefined {
  if (!/^(?:0|-?[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** By code point, as Python has it; JavaScript compares UTF-16 units, which differ past U+FFFF. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  if (at === length) return a.length - b.length;
  const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
  // A surrogate stands for a character past all others, and two of them differ as their characters do.
  if (isSurrogate(left) !== isSurrogate(right)) return isSurrogate(left) ? 1 : -1;
  return left - right;
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xe000;
