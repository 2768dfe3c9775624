import {
  failAt,
  type Member,
  type ObjectNode,
  type ScannedText,
  type TextNode,
  type TextNote,
  type TextRange,
  type TextSource,
  TreeGuard,
} from './tree.ts';

/**
 * JSON (RFC 8259) with the place of everything. `JSON.parse` sorts integer-like keys to the front, keeps one of two equal
 * keys and rounds integers past 2^53; here order, duplicates and digits stay.
 *
 * Also read, each with a note, because files in the wild have them: a byte order mark, comments and trailing commas
 * (JSONC), NaN and Infinity (Python's json). Everything else is an error with its place.
 */
export function scanJson(source: TextSource): ScannedText {
  const { text } = source;
  const guard = new TreeGuard(source);
  const comments: TextRange[] = [];
  const notes: TextNote[] = [];
  let at = 0;
  let trailingComma = -1;
  let nonFinite = -1;
  let loneSurrogate = -1;

  if (text.startsWith('\uFEFF')) at = 1;
  skipBlank();
  if (at === text.length) throw failAt(source, 'there is nothing but blanks', at);
  const root = readValue(1);
  skipBlank();
  if (at < text.length) throw failAt(source, describeRest(text, root, at), at);
  addNotes();
  return { root, comments, notes };

  function readValue(depth: number): TextNode {
    guard.addNode();
    const c = text[at];
    if (c === '{') return readObject(depth);
    if (c === '[') return readArray(depth);
    const start = at;
    if (c === '"') {
      const value = readString();
      return { kind: 'string', value, start, end: at };
    }
    if (c !== undefined && (c === '-' || isDigit(c))) return readNumber(start);
    const word = /[A-Za-z_]+/y;
    word.lastIndex = at;
    const name = word.exec(text)?.[0];
    if (name === 'NaN' || name === 'Infinity') return keepNonFinite(start, name);
    if (name !== undefined) at += name.length;
    if (name === 'null') return { kind: 'null', start, end: at };
    if (name === 'true' || name === 'false') return { kind: 'bool', value: name === 'true', start, end: at };
    throw failAt(source, describeNoValue(c, name), start);
  }

  function readObject(depth: number): ObjectNode {
    guard.checkDepth(depth);
    const start = at++;
    const members: Member[] = [];
    const seen = new Set<string>();
    skipBlank();
    while (text[at] !== '}') {
      if (text[at] !== '"') throw failAt(source, describeNoKey(text, at), at);
      const keyStart = at;
      const key = readString();
      const keyEnd = at;
      skipBlank();
      if (text[at] !== ':') throw failAt(source, `expected ":" after the key, not ${show(text[at])}`, at);
      at++;
      skipBlank();
      const value = readValue(depth + 1);
      members.push({ key, keyStart, keyEnd, value, duplicate: seen.has(key) });
      seen.add(key);
      skipComma('}');
    }
    at++;
    return { kind: 'object', members, container: 'object', start, end: at };
  }

  function readArray(depth: number): TextNode {
    guard.checkDepth(depth);
    const start = at++;
    const items: TextNode[] = [];
    skipBlank();
    while (text[at] !== ']') {
      items.push(readValue(depth + 1));
      skipComma(']');
    }
    at++;
    return { kind: 'array', items, container: 'array', start, end: at };
  }

  /** After an item: a comma and what follows, or the closing bracket. */
  function skipComma(close: '}' | ']'): void {
    skipBlank();
    if (text[at] === close) return;
    if (text[at] !== ',') throw failAt(source, `expected "," or "${close}", not ${show(text[at])}`, at);
    const comma = at++;
    skipBlank();
    if (text[at] === close && trailingComma < 0) trailingComma = comma;
  }

  function readString(): string {
    const start = at++;
    let escaped = false;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 0x22) break;
      if (code === 0x5c) {
        escaped = true;
        at++;
      } else if (code < 0x20) {
        throw failAt(source, `a text with ${show(text[at])} in it, which must be written as an escape`, at);
      } else if (Number.isNaN(code)) {
        throw failAt(source, 'the file ends inside a text that begins here', start);
      }
      at++;
    }
    const end = at++;
    if (!escaped) return text.slice(start + 1, end);
    const value = readEscaped(start, end);
    if (loneSurrogate < 0 && !value.isWellFormed()) loneSurrogate = start;
    return value;
  }

  /** The engine's own parser is many times faster than any loop here, but does not say where it stumbles. */
  function readEscaped(start: number, end: number): string {
    try {
      return JSON.parse(text.slice(start, end + 1));
    } catch {
      for (let i = text.indexOf('\\', start); i >= 0 && i < end; i = text.indexOf('\\', i + 2)) {
        const shown = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(text.slice(i, i + 6))
          ? undefined
          : text.slice(i, i + 2);
        if (shown !== undefined) throw failAt(source, `"${shown}" is not an escape`, i);
      }
      throw failAt(source, 'a text that cannot be read', start);
    }
  }

  function readNumber(start: number): TextNode {
    if (text[at] === '-') at++;
    if (text.startsWith('Infinity', at)) return keepNonFinite(start, '-Infinity');
    if (text[at] === '0') {
      at++;
      if (isDigit(text[at])) throw failAt(source, 'a number with a leading zero', start);
    } else skipDigits(start);
    if (text[at] === '.') {
      at++;
      skipDigits(start);
    }
    if (text[at] === 'e' || text[at] === 'E') {
      at++;
      if (text[at] === '+' || text[at] === '-') at++;
      skipDigits(start);
    }
    return { kind: 'number', lexeme: text.slice(start, at), start, end: at };
  }

  function skipDigits(start: number): void {
    if (!isDigit(text[at])) throw failAt(source, 'a number that is not complete', start);
    while (isDigit(text[at])) at++;
  }

  function keepNonFinite(start: number, lexeme: string): TextNode {
    at = start + lexeme.length;
    if (nonFinite < 0) nonFinite = start;
    return { kind: 'number', lexeme, start, end: at };
  }

  function skipBlank(): void {
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) at++;
      else if (code === 0x2f) skipComment();
      else return;
    }
  }

  function skipComment(): void {
    const start = at;
    if (text[at + 1] === '/') {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
      comments.push({ start, end: text[at - 1] === '\r' ? at - 1 : at });
      return;
    }
    const end = text[at + 1] === '*' ? text.indexOf('*/', at + 2) : -1;
    if (end < 0) throw failAt(source, 'a "/" that begins neither a value nor a whole comment', at);
    at = end + 2;
    comments.push({ start, end: at });
  }

  function addNotes(): void {
    const strict = 'Strict readers (Python, msgflux, DSPy, browsers) refuse the file.';
    if (text.startsWith('\uFEFF'))
      notes.push({
        code: 'byte-order-mark',
        severity: 'note',
        message: 'The file begins with a byte order mark.',
        advice: "Python's json refuses it unless the file is opened as utf-8-sig.",
        offset: 0,
      });
    const first = comments[0]?.start ?? -1;
    if (first >= 0)
      addNote('comments', `The file has comments, which JSON does not (first at line ${place(first)}).`, first, strict);
    if (trailingComma >= 0)
      addNote(
        'trailing-comma',
        `A comma stands before a closing bracket (line ${place(trailingComma)}).`,
        trailingComma,
        strict,
      );
    if (nonFinite >= 0)
      addNote(
        'non-finite',
        `NaN or Infinity is not JSON (line ${place(nonFinite)}).`,
        nonFinite,
        'Python writes and reads it; most others refuse it.',
      );
    if (loneSurrogate >= 0)
      addNote(
        'lone-surrogate',
        `A text has half a surrogate pair (line ${place(loneSurrogate)}): it cannot be written as UTF-8.`,
        loneSurrogate,
      );
  }

  function addNote(code: string, message: string, offset: number, advice?: string): void {
    notes.push({
      code,
      severity: code === 'non-finite' ? 'note' : 'warning',
      message,
      offset,
      ...(advice ? { advice } : {}),
    });
  }

  function place(offset: number): string {
    return String(source.places.line(offset));
  }
}

const isDigit = (c: string | undefined): boolean => c !== undefined && c >= '0' && c <= '9';

function show(c: string | undefined): string {
  if (c === undefined) return 'the end of the file';
  if (c === '\n' || c === '\r') return 'a line break';
  return c < ' ' ? `the control character U+${c.charCodeAt(0).toString(16).padStart(4, '0')}` : `"${c}"`;
}

function describeNoValue(c: string | undefined, name: string | undefined): string {
  if (name === 'None' || name === 'True' || name === 'False') return `${name} is Python, not JSON`;
  if (name !== undefined) return `"${name.slice(0, 20)}" is not a value`;
  if (c === "'") return 'texts are quoted with ", not with \'';
  if (c === ',' || c === ']' || c === '}') return `a value is missing before "${c}"`;
  return `expected a value, not ${show(c)}`;
}

function describeNoKey(text: string, at: number): string {
  const c = text[at];
  if (c === "'" || (c !== undefined && /[\p{L}_$]/u.test(c))) return 'a key must be quoted with "';
  return `expected a key in quotes, not ${show(c)}`;
}

/** JSON Lines is the usual reason for something after the end. */
function describeRest(text: string, root: TextNode, at: number): string {
  const lines = /[\r\n]/.test(text.slice(root.end, at)) && (text[at] === '{' || text[at] === '[');
  return lines
    ? 'a second document follows the first: this looks like JSON Lines, of which each line is a file of its own'
    : `something follows the end of the document: ${show(text[at])}`;
}
