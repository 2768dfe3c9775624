import { describe, expect, it } from 'vitest';
import { changeState } from '../../model/change-state.ts';
import type { JsonNode, Value } from '../../model/state-dict.ts';
import {
  type Act,
  addText,
  addValue,
  inTurn,
  openText,
  removeKeys,
  renameKeys,
  rewrite,
  saveEdited,
  setText,
  setValue,
} from './saving.fixture.ts';

const textNode = (value: string): JsonNode => ({ kind: 'string', value });
const listOf = (...items: readonly JsonNode[]): Value => ({ type: 'json', json: { kind: 'array', items } });
const rename = (from: RegExp, to: string): Act => renameKeys((key) => key.replace(from, to));

const CASES: readonly (readonly [title: string, before: string, act: Act, after: string])[] = [
  ['a plain text', 'a: one # remark\nb: 2\n', setText('a', 'two words'), 'a: two words # remark\nb: 2\n'],
  ['a plain text that needs quotes', 'a: one # remark\n', setText('a', 'yes'), 'a: "yes" # remark\n'],
  ['single quotes', "a: 'it''s'\n", setText('a', "it's \\ so"), "a: 'it''s \\ so'\n"],
  ['escapes and folds stay', 'a: "x\\u00e9 \\\n   y z"\n', setText('a', 'xé y, z'), 'a: "x\\u00e9 \\\n   y, z"\n'],
  [
    'lines',
    'a: |\n    one\n    two\n\n# about b\nb: 1\n',
    setText('a', 'one\n\n  three\n'),
    'a: |\n    one\n\n      three\n\n# about b\nb: 1\n',
  ],
  [
    'lines that lose their last break',
    'a: | # why\n  one\nb: 1\n',
    setText('a', 'one\ntwo'),
    'a: |- # why\n  one\n  two\nb: 1\n',
  ],
  ['lines that gain empty ones at the end', 'a: |\n  one\nb: 1\n', setText('a', 'one\n\n'), 'a: |+\n  one\n\nb: 1\n'],
  ['lines that begin with a blank', 'a: |-\n  one\n', setText('a', '  one\ntwo'), 'a: |2-\n    one\n  two\n'],
  [
    'lines that become a word',
    'a: |- # why\n  one\n  two\nb: 1\n',
    setText('a', 'one\rtwo'),
    'a: "one\\rtwo" # why\nb: 1\n',
  ],
  [
    'folded lines stay folded',
    'a: >\n  First\n  folded.\n\n  Second.\n\n  Third\n  one.\nb: 1\n',
    setText('a', 'First folded.\nNew.\nThird one.\n'),
    'a: >\n  First\n  folded.\n\n  New.\n\n  Third\n  one.\nb: 1\n',
  ],
  [
    'a word becomes lines',
    'a:\n  b: one\n  c: 2\n',
    setText('a.b', 'one\ntwo\n'),
    'a:\n  b: |\n    one\n    two\n  c: 2\n',
  ],
  ['with a remark it stays on its line', 'a: one # why\n', setText('a', 'one\ntwo'), 'a: "one\\ntwo" # why\n'],
  [
    'nothing becomes something',
    'a:\nb: ~ # b\nc: {d: , e}\n',
    inTurn(setText('a', 'x'), setText('b', 'y'), setText('c.d', 'z')),
    'a: x\nb: y # b\nc: {d: z, e}\n',
  ],
  [
    'numbers as every reader takes them',
    'a: 1\nb: 1\n',
    inTurn(setValue('a', { type: 'float', value: 1e25 }), setValue('b', { type: 'float', value: -Infinity })),
    'a: 1.0e+25\nb: -.inf\n',
  ],
  ['a number as it is written stays', 'a: 0x1F\nb: 1\n', setText('b', '2'), 'a: 0x1F\nb: "2"\n'],
  [
    'items in brackets',
    'a: [ one, two ] # ab\n',
    setValue('a', listOf(textNode('one'), textNode('x, y'))),
    'a: [ one, "x, y" ] # ab\n',
  ],
  [
    'items as lines',
    'a:\n- one # 1\n- two\n',
    setValue('a', listOf(textNode('one'), textNode('three'), textNode('four\nlines\n'))),
    'a:\n- one # 1\n- three\n- |\n  four\n  lines\n',
  ],
  ['a list becomes a text', 'a: # why\n  - one\n  - two\nb: 1\n', setText('a', 'x'), 'a: x # why\nb: 1\n'],
  [
    'a text becomes a list',
    'a: x # why\nb:\n  c: 1\n',
    setValue('a', listOf(textNode('one'))),
    'a: [one] # why\nb:\n  c: 1\n',
  ],
  [
    'a new pair behind those of its map',
    'a:\n    b: 1 # b\n\n# about c\nc: 2\n',
    addText('a.d', 'two\nlines\n'),
    'a:\n    b: 1 # b\n    d: |\n        two\n        lines\n\n# about c\nc: 2\n',
  ],
  [
    'new maps',
    'a:\n  z: 1\n',
    inTurn(addText('b.c.d', 'x'), addText('b.e', 'y')),
    'a:\n  z: 1\nb:\n  c:\n    d: x\n  e: y\n',
  ],
  ['a pair in braces', 'a: {b: 1}\n', addText('a.c', 'x'), 'a: {b: 1, c: x}\n'],
  ['beside nothing in braces', 'a: {b: }\n', addText('a.c', 'x'), 'a: {b: , c: x}\n'],
  ['no line break at the end', 'a:\n  b: 1', addText('a.c', 'x'), 'a:\n  b: 1\n  c: x'],
  [
    'behind lines that keep their end',
    'a:\n  b: |+\n    x\n\nc: 1\n',
    addText('a.d', 'y'),
    'a:\n  b: |+\n    x\n\n  d: y\nc: 1\n',
  ],
  ['the first of all', '# only this\n', addText('b', 'two'), '# only this\nb: two\n'],
  ['a map in a list', '- a: 1\n  b: 2\n- c: 3\n', addText('0.d', 'x'), '- a: 1\n  b: 2\n  d: x\n- c: 3\n'],
  ['a pair goes, comments above stay', '# one\na: 1 # x\nb: 2\n', removeKeys('a'), '# one\nb: 2\n'],
  ['lines go with their key', 'a: |\n  x\n  y\nb: 2\n', removeKeys('a'), 'b: 2\n'],
  [
    'the first behind a dash goes',
    'l:\n  - a: 1\n    b: 2\n    c: 3\n',
    removeKeys('l.0.a', 'l.0.b'),
    'l:\n  - c: 3\n',
  ],
  ['the last goes', 'a:\n  b: 1\nc: 2\n', removeKeys('a.b'), 'c: 2\n'],
  ['all go', '# head\na: 1\n', removeKeys('a'), '# head\n'],
  [
    'names keep their quotes',
    '"a": 1\n\'b\': 2\nc: 3\n',
    inTurn(rename(/^a/, 'x'), rename(/^b/, "it's"), rename(/^c/, 'no')),
    '"x": 1\n\'it\'\'s\': 2\n"no": 3\n',
  ],
  ['a map has another name', 'a: &x # a\n  b: 1\nc: 1\n', rename(/^a\./, 'z.'), 'z: &x # a\n  b: 1\nc: 1\n'],
  [
    'line breaks are those of the file',
    'a: |\r\n  one\r\nb: 1\r\n',
    inTurn(setText('a', 'one\ntwo\n'), addText('c', 'x')),
    'a: |\r\n  one\r\n  two\r\nb: 1\r\nc: x\r\n',
  ],
  [
    'what is shared and changes alike is written once',
    'a: &x one\nb: *x\n',
    inTurn(setText('a', 'two'), setText('b', 'two')),
    'a: &x two\nb: *x\n',
  ],
  [
    'what no longer is the same is written out',
    'a: &x one # a\nb: *x # b\n',
    setText('a', 'two'),
    'a: &x two # a\nb: one # b\n',
  ],
  ['an alias that becomes another', 'a: &x one\nb: *x # b\n', setText('b', 'two'), 'a: &x one\nb: two # b\n'],
  [
    'what a merge does not take',
    'a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  p: 3\n',
    setText('a.p', 'z'),
    'a: &x {p: z, q: 2}\nb:\n  <<: *x\n  p: 3\n',
  ],
  ['beside a merge', 'a: &x {p: 1}\nb:\n  <<: *x\n', addText('b.q', 'z'), 'a: &x {p: 1}\nb:\n  <<: *x\n  q: z\n'],
  ['in one of several documents', '--- # one\na: 1\n---\nb: 2\n', setText('1.b', 'x'), '--- # one\na: 1\n---\nb: x\n'],
  [
    'a tag stays',
    'a: !!str 1\nb: !t\n  c: 1\n',
    inTurn(setText('a', 'x'), setText('b.c', 'y')),
    'a: !!str x\nb: !t\n  c: y\n',
  ],
];

describe('saving YAML', () => {
  it.each(CASES)('%s', async (_, before, act, after) => {
    expect(await rewrite(before, 'x.yaml', act)).toBe(after);
  });

  const REFUSED: readonly (readonly [title: string, before: string, act: Act, why: RegExp])[] = [
    ['what an alias repeats', 'a: &x {p: 1}\nb: *x\n', setText('b.p', 'z'), /line 2 .*repeated.*line 1/],
    ['what is repeated inside an alias', 'a: &x {p: 1}\nb: *x\n', setText('a.p', 'z'), /line 1 is repeated at line 2/],
    ['the anchor of an alias', 'a: &x 1\nb: *x\n', removeKeys('a'), /anchor &x, which line 2 repeats/],
    [
      'what a merge brings',
      'a: &x {p: 1}\nb:\n  <<: *x\n  q: 1\n',
      removeKeys('b.p'),
      /repeated by an alias or a merge/,
    ],
    ['another document', 'a: 1\n---\nb: 2\n', removeKeys('1.b'), /documents are neither added nor taken away/],
    ['another type under a tag', 'a: !!str 1\n', setValue('a', { type: 'int', digits: '1' }), /has the tag/],
    ['half a surrogate pair', 'a: x\n', setText('a', '\ud83e'), /"a" cannot.*surrogate/],
    [
      'a time without a day',
      'a: x\n',
      setValue('a', { type: 'json', json: { kind: 'literal', lexeme: '07:32:00', what: 'local-time' } }),
      /no local time/,
    ],
    ['an entry in the place of another', 'a: 1\nt:\n  x: 1\n', rename(/^a$/, 't'), /"t" cannot.*another entry/],
    [
      'the comment of an entry',
      'a: 1 # c\n',
      (state) => changeState(state, { replace: new Map([[0, { ...state.entries.at(0), meta: [] }]]) }),
      /"a" cannot.*comments/,
    ],
  ];
  it.each(REFUSED)('refuses %s by name', async (_, before, act, why) => {
    await expect(rewrite(before, 'x.yaml', act)).rejects.toMatchObject({
      info: { kind: 'unsupported', file: 'x.yaml', detail: expect.stringMatching(why) },
    });
  });

  it('adds a list to a file that two readers take differently, and leaves it alone', async () => {
    const text = 'switch: on\nrate: 1e5\n';
    expect(await rewrite(text, 'x.yaml', addValue('l', listOf(textNode('off'), textNode('x'))))).toBe(
      `${text}l: ["off", x]\n`,
    );
  });

  it('leaves a file alone whose bytes are damaged', async () => {
    const bytes = new Uint8Array([...new TextEncoder().encode('a: x\nb: '), 0xff, 0x0a]);
    const before = await openText(bytes, 'x.yaml');
    await expect(saveEdited(bytes, 'x.yaml', before, setText('a', 'y')(before))).rejects.toMatchObject({
      info: { kind: 'unsupported', detail: expect.stringContaining('UTF-8') },
    });
    expect((await saveEdited(bytes, 'x.yaml', before, before)).bytes).toEqual(bytes);
  });
});
