import { describe, expect, it } from 'vitest';
import { StateglassError } from '../../base/errors.ts';
import type { JsonNode } from '../../model/state-dict.ts';
import { decodeText } from './decode.ts';
import { toJson } from './tree.ts';
import { isPlain, spellYamlText } from './yaml-quote.ts';
import { resolveYaml, spellYamlNumber } from './yaml-scalar.ts';
import { scanYaml, type YamlText } from './yaml-scan.ts';

const scan = (text: string): YamlText => scanYaml(decodeText(new TextEncoder().encode(text), 'x.yaml', 'YAML').source);

function plain(node: JsonNode): unknown {
  if (node.kind === 'array') return node.items.map(plain);
  if (node.kind === 'object') return node.members.map(([key, value]) => [key, plain(value)]);
  return node.kind === 'null' ? null : 'lexeme' in node ? `${node.kind} ${node.lexeme}` : node.value;
}
const read = (text: string): unknown => plain(toJson(scan(text).root));
const codes = (text: string): string[] => scan(text).notes.map(({ code, severity }) => `${severity} ${code}`);
const failure = (text: string): unknown => {
  try {
    scan(text);
  } catch (error) {
    if (error instanceof StateglassError) return error.info;
    throw error;
  }
  throw new Error(`${text} is read`);
};

describe('scanYaml', () => {
  it('keeps both of two equal keys, and keys that are no texts as texts', () => {
    const { root } = scan('a: 1\nb: 2\na: 3\n1: x\n"1": y');
    if (root.kind !== 'object') throw new Error(root.kind);
    expect(root.members.map(({ key, duplicate }) => [key, duplicate])).toEqual([
      ['a', false],
      ['b', false],
      ['a', true],
      ['1', false],
      ['1', true],
    ]);
    expect(codes('1: x\ntrue: y')).toEqual(['note yaml-keys']);
  });

  it('reads aliases as what they name and merges under what a map has itself', () => {
    expect(read('a: &x {p: 1, q: &y [2]}\nb: *x\nc: *y\nd: {<<: *x, p: 3}\ne:\n  <<: [{r: 4}, *x]\n  s: *y')).toEqual([
      [
        'a',
        [
          ['p', 'number 1'],
          ['q', ['number 2']],
        ],
      ],
      [
        'b',
        [
          ['p', 'number 1'],
          ['q', ['number 2']],
        ],
      ],
      ['c', ['number 2']],
      [
        'd',
        [
          ['p', 'number 3'],
          ['q', ['number 2']],
        ],
      ],
      [
        'e',
        [
          ['s', ['number 2']],
          ['r', 'number 4'],
          ['p', 'number 1'],
          ['q', ['number 2']],
        ],
      ],
    ]);
    expect(read('a: &x 1\nb: &x 2\nc: *x')).toEqual([
      ['a', 'number 1'],
      ['b', 'number 2'],
      ['c', 'number 2'],
    ]);
  });

  it('knows by its directive what YAML a file is', () => {
    const text = 'a: yes\nb: 010\nc: 1:30\nd: 1e5\ne: off';
    expect(read(text)).toEqual([
      ['a', 'yes'],
      ['b', 'number 010'],
      ['c', '1:30'],
      ['d', 'number 1e5'],
      ['e', 'off'],
    ]);
    expect(read(`%YAML 1.1\n---\n${text}`)).toEqual([
      ['a', true],
      ['b', 'number 0o10'],
      ['c', 'literal 1:30'],
      ['d', '1e5'],
      ['e', false],
    ]);
    const [note] = scan(text).notes;
    expect(note).toMatchObject({
      code: 'yaml-versions',
      message: expect.stringContaining('"yes" at line 1 (and 4 more)'),
    });
    expect(codes('a: "yes"\nb: 1.0e+5\nc: true\nd: 0x1f\ne: 1_000')).toEqual([]);
  });

  it('says what tags do and lists documents', () => {
    expect(codes('a: !!python/object/apply:os.system ["x"]\nb: !ENV x\nc: !!str 1\nd: !!python/tuple [1]')).toEqual([
      'warning yaml-code',
      'note yaml-tags',
    ]);
    expect(read('a: 1\n---\n- 2\n---\n')).toEqual([[['a', 'number 1']], ['number 2'], []]);
    expect(codes('a: 1\n---\nb: 2')).toEqual(['note yaml-documents']);
    expect(codes('a: "\x07"')).toEqual(['warning yaml-control']);
    expect(read('# nothing but this\n')).toEqual([]);
    expect(read('--- # nothing\n...\n')).toEqual([]);
  });

  it.each([
    ['a: [1, 2', /line 1/],
    ['a: 1\n b: 2', /line/],
    ['a:\n\t- b', /line 2/],
    ['a: *b', /\*b names nothing.*line 1, column 4/],
    ['a: &b [1, *b]', /inside what it names/],
    ['a: &b {c: *b}', /inside what it names/],
    ['[a, b]: c', /a key that is a list/],
    ['? {a: b}\n: c', /a key that is a list or a map/],
    ['a: "b', /missing closing/],
    ['%YAML 1.2\n', /missing directives-end|directives/i],
    ['a: @b', /line 1/],
  ])('says what is wrong with %j', (text, detail) => {
    expect(failure(text)).toMatchObject({
      kind: 'malformed',
      detail: expect.stringMatching(detail),
      at: expect.any(Number),
    });
  });

  it('refuses bombs and deep nesting by name', () => {
    const laughs = Array.from(
      { length: 9 },
      (_, i) => `a${i}: &a${i} [${i === 0 ? '"lol"' : Array.from({ length: 9 }, () => `*a${i - 1}`).join(', ')}]`,
    ).join('\n');
    expect(failure(laughs)).toMatchObject({ kind: 'limit', limit: 'yamlAliasNodes' });
    const merges = Array.from(
      { length: 25 },
      (_, i) => `a${i}: &a${i} {${i === 0 ? 'x: 1' : `p: *a${i - 1}, q: *a${i - 1}`}}`,
    ).join('\n');
    expect(failure(merges)).toMatchObject({ kind: 'limit', limit: 'yamlAliasNodes' });
    for (const text of ['['.repeat(20_000), '{a: '.repeat(20_000), '- '.repeat(20_000)])
      expect(failure(text)).toMatchObject({ kind: 'limit', limit: 'textDepth' });
    const stairs = Array.from({ length: 600 }, (_, i) => `${' '.repeat(i)}a:`).join('\n');
    expect(failure(stairs)).toMatchObject({ kind: 'limit', limit: 'textDepth' });
  });
});

describe('scalars', () => {
  it.each([
    'yes',
    'Off',
    '1:30',
    '010',
    '1e5',
    '0o7',
    '2001-12-14',
    '~',
    '',
    'null',
    '=',
    '<<',
    '- a',
    '? b',
    'a: b',
    'a #b',
    '@a',
    ' a',
    'a\n',
    '--- a',
    '\u2028a',
    'a:',
    '1_000',
    '.5',
    '-.inf',
    '!a',
    '&a',
    '*a',
    '%a',
    '[a',
    '{a',
    '"a',
    "'a",
    '|',
    '>',
  ])('does not write %j without quotes', (text) => {
    expect(isPlain(text, false)).toBe(false);
    expect(read(`k: ${spellYamlText(text, false)}`)).toEqual([['k', text]]);
    expect(read(`k: [${spellYamlText(text, true)}]`)).toEqual([['k', [text]]]);
  });

  it.each(['a, b', 'http://x', 'a{b}', "it's", 'a#b', '1.2.3', 'yes.', 'é🧠'])(
    'writes %j without quotes where it can',
    (text) => {
      expect(isPlain(text, false)).toBe(true);
      expect(read(`k: [${spellYamlText(text, true)}]`)).toEqual([['k', [text]]]);
    },
  );

  it.each([
    ['1e5', '1.0e+5'],
    ['1.5e22', '1.5e+22'],
    ['0o17', '15'],
    ['1_000', '1000'],
    ['nan', '.nan'],
    ['-Infinity', '-.inf'],
    ['.5', '0.5'],
    ['1e-05', '1.0e-05'],
    ['-12', '-12'],
    ['0.25', '0.25'],
  ])('writes the number %s as %s, which both versions read', (lexeme, written) => {
    expect(spellYamlNumber(lexeme)).toBe(written);
    for (const version of ['1.1', '1.2'] as const)
      expect(resolveYaml(written, version)).toEqual({ kind: 'number', lexeme: written });
  });
});
