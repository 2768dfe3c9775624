import { parse, stringify } from '@decimalturn/toml-patch';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StateglassError } from '../../base/errors.ts';
import type { JsonNode } from '../../model/state-dict.ts';
import { decodeText } from './decode.ts';
import { scanToml } from './toml-scan.ts';
import { type ScannedText, toJson } from './tree.ts';
import { toValue } from './values.ts';

const scan = (text: string): ScannedText =>
  scanToml(decodeText(new TextEncoder().encode(text), 'x.toml', 'TOML').source);
const lines = (...text: string[]): string => text.join('\n');

function plain(node: JsonNode): unknown {
  if (node.kind === 'array') return node.items.map(plain);
  if (node.kind === 'object') return Object.fromEntries(node.members.map(([key, value]) => [key, plain(value)]));
  if (node.kind === 'number') {
    const value = toValue({ ...node, start: 0, end: 0 });
    return value.type === 'int' ? BigInt(value.digits) : value.type === 'float' ? value.value : undefined;
  }
  return node.kind === 'null' ? null : node.kind === 'literal' ? node.lexeme : node.value;
}

/** The other reader's value: integers as bigint, dates as text. */
function theirs(text: string): unknown {
  return JSON.parse(
    JSON.stringify(parse(text, { integersAsBigInt: true }), (_, value: unknown) =>
      typeof value === 'bigint' ? `int ${value}` : value,
    ),
  );
}
const ours = (text: string): unknown =>
  JSON.parse(
    JSON.stringify(plain(toJson(scan(text).root)), (_, value: unknown) =>
      typeof value === 'bigint' ? `int ${value}` : value,
    ),
  );

const failure = (text: string): string => {
  try {
    scan(text);
  } catch (error) {
    if (error instanceof StateglassError && error.info.kind === 'malformed') return error.info.detail;
    throw error;
  }
  throw new Error(`${text} is read`);
};

const scalar = fc.oneof(
  fc.string({ unit: 'binary' }).filter((s) => s.isWellFormed()),
  fc.integer(),
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const value = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, scalar, fc.array(tie('value'), { maxLength: 3 }), tie('table')),
  table: fc.dictionary(
    fc.string().filter((key) => key !== '__proto__'),
    tie('value'),
    { maxKeys: 4, noNullPrototype: true },
  ),
}));

describe('scanToml', () => {
  it('reads what another library writes as that library reads it', () => {
    fc.assert(
      fc.property(value.table, (table) => {
        const text = stringify(table);
        expect(ours(text)).toEqual(theirs(text));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    'a = 1\n"a.b" = 2\nc.d.e = 3\nc.d.f = 4',
    '[a.b]\nx = 1\n[a]\ny = 2\n[a.c]\nz = 3',
    '[[a]]\nx = 1\n[a.b]\ny = 2\n[[a]]\n[[a.c]]\nz = 3\n[[a.c]]',
    'a = { b = 1, c.d = "x", e = [1, { f = 2 }] }',
    'a = """\n\nx \\\n\n   y\\u00e9"""""\nb = \'\'\'\n\\n\'\'\'\nc = ""\nd = """"""',
    'a = [ # comment\n 1, # two\n\n 2, ]\n',
    '"" = 1\n"\\t" = 2\n\'a"b\' = 3\n-1_ = 4\n1.2 = 5',
    'a = -0\nb = +1\nc = 0xDEAD_beef\nd = 0o17\ne = 0b11\nf = 1_000.5_0e-1_0\ng = -inf\nh = 6.5E+3',
    '\n\n  [ a . "b c" ]  # x\r\n  k = true\r\n',
  ])('agrees with another library on %j', (text) => {
    expect(ours(text)).toEqual(theirs(text));
  });

  it('keeps the text of numbers and dates', () => {
    const { root } = scan(
      'a = 1_000\nb = 0x1f\nc = 1.0\nd = 1979-05-27T07:32:00.999999-07:00\ne = 07:32:00\nf = 1979-05-27 07:32:00\ng = 1979-05-27 # x',
    );
    if (root.kind !== 'object') throw new Error(root.kind);
    expect(root.members.map((m) => toValue(m.value))).toEqual([
      { type: 'int', digits: '1000', lexeme: '1_000' },
      { type: 'int', digits: '31', lexeme: '0x1f' },
      { type: 'float', value: 1, lexeme: '1.0' },
      expect.objectContaining({
        flavour: 'offset-date-time',
        json: { kind: 'literal', what: 'offset-date-time', lexeme: '1979-05-27T07:32:00.999999-07:00' },
      }),
      expect.objectContaining({ flavour: 'local-time' }),
      expect.objectContaining({ flavour: 'local-date-time' }),
      expect.objectContaining({
        flavour: 'local-date',
        json: { kind: 'literal', what: 'local-date', lexeme: '1979-05-27' },
      }),
    ]);
  });

  it('tells how a table is written and where', () => {
    const text = '[a.b]\nx = 1\n\n[c]\nd.e = { f = 2 }\n[[g]]\n';
    const { root } = scan(text);
    if (root.kind !== 'object') throw new Error(root.kind);
    const [a, c, g] = root.members.map((m) => m.value);
    expect([a, c, g].map((node) => node && 'container' in node && node.container)).toEqual([
      'implied table',
      'table',
      'array of tables',
    ]);
    const d = c?.kind === 'object' ? c.members[0] : undefined;
    expect(d?.value).toMatchObject({ kind: 'object', container: 'dotted keys' });
    const e = d?.value.kind === 'object' ? d.value.members[0]?.value : undefined;
    expect(e).toMatchObject({ container: 'inline table' });
    expect(e && text.slice(e.start, e.end)).toBe('{ f = 2 }');
  });

  it('keeps both of two equal keys', () => {
    const { root, notes } = scan(
      lines('a = 1', 'a.b = 2', '[t]', 'x = 1', '[t]', 'x = 2', '[t.x]', 'y = { z = 1 }', '[t.x.y]'),
    );
    expect(toJson(root)).toEqual({
      kind: 'object',
      members: [
        ['a', { kind: 'number', lexeme: '1' }],
        ['a', { kind: 'object', members: [['b', { kind: 'number', lexeme: '2' }]] }],
        [
          't',
          {
            kind: 'object',
            members: [
              ['x', { kind: 'number', lexeme: '1' }],
              ['x', { kind: 'number', lexeme: '2' }],
              [
                'x',
                {
                  kind: 'object',
                  members: [
                    ['y', { kind: 'object', members: [['z', { kind: 'number', lexeme: '1' }]] }],
                    ['y', { kind: 'object', members: [] }],
                  ],
                },
              ],
            ],
          },
        ],
      ],
    });
    expect(notes.map((note) => [note.code, note.severity])).toEqual([['duplicate-table', 'error']]);
  });

  it('reads what TOML 1.1 adds, and says so', () => {
    const scanned = scan('a = {\n  b = "\\e\\x41", # c\n  t = 07:32,\n}');
    expect(scanned.notes).toMatchObject([{ code: 'toml-1.1', severity: 'note' }]);
    expect(plain(toJson(scanned.root))).toEqual({ a: { b: '\x1bA', t: '07:32' } });
    expect(scan('a = { b = 1 }').notes).toEqual([]);
  });

  it.each([
    ['a = ', 'the file ends where a value should be, line 1, column 5'],
    ['a = \nb = 1', 'a value is missing, line 1, column 5'],
    ['a = hello', '"hello" is not a value: texts must be quoted, line 1, column 5'],
    ['a = 012', '"012" is not a number TOML knows, line 1, column 5'],
    ['a = 1__0', '"1__0" is not a number TOML knows, line 1, column 5'],
    ['a = "x\nb = 1', 'a text ends at a line break without its closing quote, line 1, column 5'],
    ['a = "\\q"', '"\\q" is not an escape, line 1, column 6'],
    ['a = "\\ud800"', '"\\ud800" is not an escape, line 1, column 6'],
    ['a = 2025-02-30', 'a date or time that does not exist, line 1, column 5'],
    ['a = 1 b = 2', 'expected the end of the line, not "b", line 1, column 7'],
    ['a b = 1', 'expected "=" after the key, not "b", line 1, column 3'],
    ['[a\nb = 1', 'expected "]" after the name of a table, line 1, column 3'],
    ['x = 1\n= 2', 'expected a key, not "=", line 2, column 1'],
    ['a = [1, 2', 'the file ends inside a list that begins here, line 1, column 5'],
    ['a = [1 2]', 'expected "," or "]", not "2", line 1, column 8'],
    ['a = """x', 'the file ends inside a text that begins here, line 1, column 5'],
    ['a = "b\x00"', 'the control character U+0000 in a text, line 1, column 7'],
    ['hello world', 'expected "=" after the key, not "w", line 1, column 7'],
  ])('says what is wrong with %j and where', (text, detail) => {
    expect(failure(text)).toBe(detail);
  });

  it('refuses deep nesting by name', () => {
    expect(() => scan(`a = ${'['.repeat(10_000)}`)).toThrow(/textDepth/);
    expect(() => scan(`${'a.'.repeat(10_000)}a = 1`)).toThrow(/textDepth/);
    expect(() => scan(`a = ${'{a='.repeat(10_000)}`)).toThrow(/textDepth/);
    expect(() => scan(`[${'a.'.repeat(10_000)}a]`)).toThrow(/textDepth/);
  });
});
