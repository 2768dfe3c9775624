import { readTomlScalar } from './toml-scalar.ts';
import { readTomlString } from './toml-string.ts';
import { type KeyText, type Table, type TomlStatement, TomlTables } from './toml-tables.ts';
import {
  failAt,
  type ScannedText,
  type TextNode,
  type TextNote,
  type TextRange,
  type TextSource,
  TreeGuard,
} from './tree.ts';

/**
 * TOML (https://toml.io/en/v1.0.0; what 1.1 adds is read with a note) with the place of everything: comments, key order,
 * the way a table is written and the text of numbers and dates stay. The library that patches TOML gives none of these.
 *
 * A key given twice is an error to every TOML reader. Here both stay, the second marked, so that the file can be seen and mended.
 *
 * `tell` is told every header and pair, those of inline tables before the pair they are the value of.
 */
export function scanToml(source: TextSource, tell?: (statement: TomlStatement) => void): ScannedText {
  const { text } = source;
  const guard = new TreeGuard(source);
  const comments: TextRange[] = [];
  const notes: TextNote[] = [];
  const tables = new TomlTables(source, guard, notes);
  const root = tables.make('table', 0, text.length);
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let newer = -1;
  let table: Table = root;
  let tableDepth = 0;

  for (;;) {
    skipLines();
    if (at >= text.length) break;
    if (text[at] === '[') readHeader();
    else readPair(table, tableDepth, '');
    skipSpaces();
    skipComment();
    if (at < text.length && !isBreak()) throw failAt(source, `expected the end of the line, not "${text[at]}"`, at);
  }
  addNotes();
  return { root, comments, notes };

  function readHeader(): void {
    const start = at;
    const isList = text.startsWith('[[', at);
    at += isList ? 2 : 1;
    const key = readKey();
    skipSpaces();
    if (!text.startsWith(isList ? ']]' : ']', at))
      throw failAt(source, `expected "${isList ? ']]' : ']'}" after the name of a table`, at);
    at += isList ? 2 : 1;
    guard.checkDepth(key.parts.length + 1);
    const header = { ...key, start, end: at };
    const reached = isList ? tables.append(root, key, header) : tables.open(root, key, header);
    table = reached.table;
    tell?.({ kind: 'header', base: root, key, steps: reached.steps, start, end: at });
    tableDepth = key.parts.length;
  }

  /** `a.b = value`, in a table or, when `close` is `}`, in an inline table. */
  function readPair(into: Table, depth: number, close: '' | '}'): void {
    const key = readKey();
    skipSpaces();
    if (text[at] !== '=')
      throw failAt(
        source,
        at < text.length ? `expected "=" after the key, not ${show()}` : 'the file ends after a key',
        at,
      );
    at++;
    if (close) skipInline();
    else skipSpaces();
    const level = depth + key.parts.length;
    guard.checkDepth(level);
    const value = readValue(level + 1);
    const steps = tables.set(into, key, value);
    tell?.({ kind: 'pair', base: into, key, steps, start: key.start, end: value.end });
    into.end = Math.max(into.end, at);
  }

  function readKey(): KeyText {
    const parts: string[] = [];
    const places: TextRange[] = [];
    skipSpaces();
    const start = at;
    for (;;) {
      const from = at;
      const c = text[at];
      if (c === '"' || c === "'") {
        const read = readTomlString(source, at, false);
        if (read.newer && newer < 0) newer = at;
        parts.push(read.value);
        at = read.end;
      } else {
        BARE_KEY.lastIndex = at;
        const bare = BARE_KEY.exec(text)?.[0];
        if (bare === undefined)
          throw failAt(
            source,
            at < text.length ? `expected a key, not ${show()}` : 'the file ends where a key should be',
            at,
          );
        parts.push(bare);
        at += bare.length;
      }
      const end = at;
      places.push({ start: from, end });
      skipSpaces();
      if (text[at] !== '.') {
        at = end;
        return { parts, places, start, end };
      }
      at++;
      skipSpaces();
      guard.checkDepth(parts.length + 1);
    }
  }

  function readValue(depth: number): TextNode {
    guard.addNode();
    const start = at;
    const c = text[at];
    if (c === '[') return readArray(depth);
    if (c === '{') return readInlineTable(depth);
    if (c === '"' || c === "'") {
      const read = readTomlString(source, at, true);
      if (read.newer && newer < 0) newer = at;
      at = read.end;
      return { kind: 'string', value: read.value, start, end: at };
    }
    const read = readTomlScalar(source, at);
    if (read.newer && newer < 0) newer = at;
    at = read.node.end;
    return read.node;
  }

  function readArray(depth: number): TextNode {
    guard.checkDepth(depth);
    const start = at++;
    const items: TextNode[] = [];
    skipLines();
    while (text[at] !== ']') {
      if (at >= text.length) throw failAt(source, 'the file ends inside a list that begins here', start);
      items.push(readValue(depth + 1));
      skipLines();
      if (text[at] === ',') {
        at++;
        skipLines();
      } else if (text[at] !== ']' && at < text.length) throw failAt(source, `expected "," or "]", not ${show()}`, at);
    }
    at++;
    return { kind: 'array', items, container: 'array', start, end: at };
  }

  function readInlineTable(depth: number): TextNode {
    guard.checkDepth(depth);
    const start = at++;
    const made = tables.make('inline table', start, at);
    skipInline();
    while (text[at] !== '}') {
      if (at >= text.length) throw failAt(source, 'the file ends inside a table that begins here', start);
      readPair(made, depth, '}');
      skipInline();
      if (text[at] === ',') {
        const comma = at++;
        skipInline();
        if (text[at] === '}' && newer < 0) newer = comma;
      } else if (text[at] !== '}' && at < text.length) throw failAt(source, `expected "," or "}", not ${show()}`, at);
    }
    at++;
    made.end = at;
    return made;
  }

  /** Blanks inside an inline table; line breaks and comments there are TOML 1.1. */
  function skipInline(): void {
    skipSpaces();
    if (text[at] !== '#' && !isBreak()) return;
    if (newer < 0) newer = at;
    skipLines();
  }

  function skipLines(): void {
    for (;;) {
      skipSpaces();
      skipComment();
      if (!isBreak()) return;
      at += text[at] === '\r' ? 2 : 1;
    }
  }

  function skipSpaces(): void {
    while (text[at] === ' ' || text[at] === '\t') at++;
  }

  function skipComment(): void {
    if (text[at] !== '#') return;
    const start = at;
    const next = text.indexOf('\n', at);
    at = next < 0 ? text.length : text[next - 1] === '\r' ? next - 1 : next;
    comments.push({ start, end: at });
  }

  function isBreak(): boolean {
    return text[at] === '\n' || (text[at] === '\r' && text[at + 1] === '\n');
  }

  function show(): string {
    return isBreak() ? 'the end of the line' : `"${text[at]}"`;
  }

  function addNotes(): void {
    if (text.startsWith('\uFEFF'))
      notes.push({
        code: 'byte-order-mark',
        severity: 'note',
        message: 'The file begins with a byte order mark.',
        advice: "Python's tomllib refuses it.",
        offset: 0,
      });
    if (newer >= 0)
      notes.push({
        code: 'toml-1.1',
        severity: 'note',
        message: `The file uses what only TOML 1.1 has (first at line ${source.places.line(newer)}).`,
        advice: "Python's tomllib up to 3.14 refuses it.",
        offset: newer,
      });
  }
}

const BARE_KEY = /[A-Za-z0-9_-]+/y;
