import { readTomlScalar } from './toml-scalar.ts';
import { readTomlString } from './toml-string.ts';
import {
  type ArrayNode,
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

/** A key as written: its parts and where it stands. */
interface KeyText extends TextRange {
  readonly parts: readonly string[];
}

interface Table extends ObjectNode {
  readonly index: Map<string, Member>;
}

/**
 * TOML (https://toml.io/en/v1.0.0; what 1.1 adds is read with a note) with the place of everything: comments, key order,
 * the way a table is written and the text of numbers and dates stay. The library that patches TOML gives none of these.
 *
 * A key given twice is an error to every TOML reader. Here both stay, the second marked, so that the file can be seen and mended.
 */
export function scanToml(source: TextSource): ScannedText {
  const { text } = source;
  const guard = new TreeGuard(source);
  const comments: TextRange[] = [];
  const notes: TextNote[] = [];
  const root = makeTable('table', 0, text.length);
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let newer = -1;
  let table = root;
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
    let parent = root;
    for (const part of key.parts.slice(0, -1)) parent = descend(parent, part, key, 'implied table');
    const last = key.parts.at(-1)!;
    table = isList ? appendTable(parent, last, key, start) : openTable(parent, last, key, start);
    tableDepth = key.parts.length;
  }

  /** `[a.b]`: new, or one that so far only had tables below it. */
  function openTable(parent: Table, name: string, key: KeyText, start: number): Table {
    const member = parent.index.get(name);
    if (member && isTable(member.value) && member.value.container !== 'inline table') {
      if (member.value.container !== 'implied table') noteTwice(key, `The table [${key.parts.join('.')}]`);
      member.value.container = 'table';
      return member.value;
    }
    const made = makeTable('table', start, at);
    addMember(parent, name, key, made);
    return made;
  }

  /** `[[a.b]]`: one more table of a list. */
  function appendTable(parent: Table, name: string, key: KeyText, start: number): Table {
    const made = makeTable('table', start, at);
    const list = parent.index.get(name)?.value;
    if (list?.kind === 'array' && list.container === 'array of tables') {
      list.items.push(made);
      list.end = at;
      return made;
    }
    const array: ArrayNode = { kind: 'array', items: [made], container: 'array of tables', start, end: at };
    guard.addNode();
    addMember(parent, name, key, array);
    return made;
  }

  /** The table `name` of `parent`, made when it is not there. A value in its place stays, and a second member of that name begins. */
  function descend(parent: Table, name: string, key: KeyText, as: 'implied table' | 'dotted keys'): Table {
    const found = parent.index.get(name)?.value;
    const value =
      found?.kind === 'array' && found.container === 'array of tables' && as === 'implied table'
        ? found.items.at(-1)
        : found;
    if (value && isTable(value) && value.container !== 'inline table') {
      if (as === 'dotted keys' && value.container === 'table') noteTwice(key, `The table "${name}"`);
      return value;
    }
    const made = makeTable(as, key.start, key.end);
    addMember(parent, name, key, made);
    return made;
  }

  function addMember(parent: Table, name: string, key: KeyText, value: TextNode): void {
    const duplicate = parent.index.has(name);
    const member = { key: name, keyStart: key.start, keyEnd: key.end, value, duplicate };
    parent.members.push(member);
    parent.index.set(name, member);
  }

  function noteTwice(key: KeyText, what: string): void {
    if (notes.length === MAX_NOTES) return;
    notes.push({
      code: 'duplicate-table',
      severity: 'error',
      message: `${what} is given a second time at line ${source.places.line(key.start)}.`,
      advice: 'TOML readers refuse the file: put its keys in one place.',
      offset: key.start,
    });
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
    let parent = into;
    for (const part of key.parts.slice(0, -1)) {
      parent = descend(parent, part, key, 'dotted keys');
      parent.end = at;
    }
    addMember(parent, key.parts.at(-1)!, key, value);
    into.end = Math.max(into.end, at);
  }

  function readKey(): KeyText {
    const parts: string[] = [];
    skipSpaces();
    const start = at;
    for (;;) {
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
      skipSpaces();
      if (text[at] !== '.') {
        at = end;
        return { parts, start, end };
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
    const made = makeTable('inline table', start, at);
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

  function makeTable(container: ObjectNode['container'], start: number, end: number): Table {
    guard.addNode();
    return { kind: 'object', members: [], container, start, end, index: new Map() };
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

/** A file with more is not looked through by hand. */
const MAX_NOTES = 1000;

const BARE_KEY = /[A-Za-z0-9_-]+/y;

const isTable = (node: TextNode): node is Table => node.kind === 'object';
