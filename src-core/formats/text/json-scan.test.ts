import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StateglassError } from '../../base/errors.ts';
import type { JsonNode } from '../../model/state-dict.ts';
import { decodeText } from './decode.ts';
import { scanJson } from './json-scan.ts';
import { type ScannedText, type TextNode, toJson } from './tree.ts';

const scan = (text: string): ScannedText =>
  scanJson(decodeText(new TextEncoder().encode(text), 'x.json', 'JSON').source);

function plain(node: JsonNode): unknown {
  if (node.kind === 'array') return node.items.map(plain);
  if (node.kind === 'object') return Object.fromEntries(node.members.map(([key, value]) => [key, plain(value)]));
  if (node.kind === 'number') return Number(node.lexeme);
  if (node.kind === 'bool' || node.kind === 'string') return node.value;
  return null;
}

function everyNode(node: TextNode): TextNode[] {
  const below = node.kind === 'array' ? node.items : node.kind === 'object' ? node.members.map((m) => m.value) : [];
  return [node, ...below.flatMap(everyNode)];
}

const failure = (text: string): { detail: string; at?: number } => {
  try {
    scan(text);
  } catch (error) {
    if (error instanceof StateglassError && error.info.kind === 'malformed') return error.info;
    throw error;
  }
  throw new Error(`${text} is read`);
};

describe('scanJson', () => {
  it('reads what JSON.parse reads, in any layout', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), fc.constantFrom(0, 2, '\t'), (text, indent) => {
        const value: unknown = JSON.parse(text);
        expect(plain(toJson(scan(JSON.stringify(value, null, indent)).root))).toEqual(value);
      }),
    );
  });

  it('refuses what JSON.parse refuses, but for what it reads with a note', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '1', '-', '.', 'e', '0', 'true', '"', '\\', ' ', '\n'),
        ),
        (parts) => {
          const text = parts.join('');
          let ours: ScannedText | undefined;
          let theirs = true;
          try {
            ours = scan(text);
          } catch {
            ours = undefined;
          }
          try {
            JSON.parse(text);
          } catch {
            theirs = false;
          }
          expect(ours !== undefined && ours.notes.length === 0, text).toBe(theirs);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('gives every value its place', () => {
    const text = '{ "a" : [1.50, "é\\n", {"b": null}] , "c": -0 }';
    for (const node of everyNode(scan(text).root)) {
      expect(plain(toJson(node))).toEqual(JSON.parse(text.slice(node.start, node.end)));
    }
    const { root } = scan(text);
    expect(root.kind === 'object' && root.members.map((m) => text.slice(m.keyStart, m.keyEnd))).toEqual(['"a"', '"c"']);
  });

  it('keeps order, duplicates and numbers as written', () => {
    const { root } = scan('{"b": 1.0, "1": 1, "0": 1e2, "b": 9007199254740993, "__proto__": 2}');
    expect(toJson(root)).toEqual({
      kind: 'object',
      members: [
        ['b', { kind: 'number', lexeme: '1.0' }],
        ['1', { kind: 'number', lexeme: '1' }],
        ['0', { kind: 'number', lexeme: '1e2' }],
        ['b', { kind: 'number', lexeme: '9007199254740993' }],
        ['__proto__', { kind: 'number', lexeme: '2' }],
      ],
    });
    expect(root.kind === 'object' && root.members.map((m) => m.duplicate)).toEqual([false, false, false, true, false]);
  });

  it('reads comments, trailing commas, NaN and a mark, and says so', () => {
    const scanned = scan('\uFEFF// one\n{"a": [1, /* two */ NaN, -Infinity,],}\n// three');
    expect(scanned.notes.map((note) => note.code)).toEqual([
      'byte-order-mark',
      'comments',
      'trailing-comma',
      'non-finite',
    ]);
    expect(scanned.comments).toHaveLength(3);
    expect(plain(toJson(scanned.root))).toEqual({ a: [1, Number.NaN, -Infinity] });
  });

  it.each([
    ['{"a": 1} x', 'something follows the end of the document: "x", line 1, column 10', 9],
    ['{"é": tru}', '"tru" is not a value, line 1, column 7', 7],
    [
      '{"a": 1}\n{"a": 2}',
      'a second document follows the first: this looks like JSON Lines, of which each line is a file of its own, line 2, column 1',
      9,
    ],
    ['{\n  "a": 1,\n  b: 2\n}', 'a key must be quoted with ", line 3, column 3', 14],
    ["{'a': 1}", 'a key must be quoted with ", line 1, column 2', 1],
    ['["a\nb"]', 'a text with a line break in it, which must be written as an escape, line 1, column 4', 3],
    ['["abc', 'the file ends inside a text that begins here, line 1, column 2', 1],
    ['[1, 2', 'expected "," or "]", not the end of the file, line 1, column 6', 5],
    ['[None]', 'None is Python, not JSON, line 1, column 2', 1],
    ['[01]', 'a number with a leading zero, line 1, column 2', 1],
    ['[1.]', 'a number that is not complete, line 1, column 2', 1],
    ['["\\x41"]', '"\\x" is not an escape, line 1, column 3', 2],
    ['[/]', 'a "/" that begins neither a value nor a whole comment, line 1, column 2', 1],
    ['[,]', 'a value is missing before ",", line 1, column 2', 1],
    [' \n ', 'there is nothing but blanks, line 2, column 2', 3],
  ])('says what is wrong with %j and where', (text, detail, at) => {
    expect(failure(text)).toMatchObject({ detail, at });
  });

  it('refuses deep nesting and too many values by name', () => {
    expect(() => scan('['.repeat(100_000))).toThrow(/nested too deeply \(textDepth is 512/);
    expect(scan('['.repeat(512) + ']'.repeat(512)).root.kind).toBe('array');
    expect(() => scan(`[${'0,'.repeat(2_000_001)}0]`)).toThrow(/too many values \(textNodes is 2000000/);
  });
});
