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

const listOf = (...lexemes: readonly string[]): Value => ({
  type: 'json',
  json: { kind: 'array', items: lexemes.map((lexeme): JsonNode => ({ kind: 'number', lexeme })) },
});
const rename = (from: RegExp, to: string): Act => renameKeys((key) => key.replace(from, to));

const CASES: readonly (readonly [title: string, before: string, act: Act, after: string])[] = [
  [
    'a pair behind those of its table, not behind a comment of the next',
    'a = 1 # one\n\n# about t\n[t]\nx = 1\n',
    addText('b', 'two\nlines'),
    'a = 1 # one\nb = "two\\nlines"\n\n# about t\n[t]\nx = 1\n',
  ],
  [
    'the first pair of a file that has only tables',
    '# file\n\n# about t\n[t]\nx = 1\n',
    addText('b', 'two'),
    '# file\n\nb = "two"\n\n# about t\n[t]\nx = 1\n',
  ],
  ['the first pair of all', '# only this\n', addText('b', 'two'), '# only this\nb = "two"\n'],
  [
    'the indent of a table, and no line break at the end',
    '[t]\n  x = 1\n\n[u]\ny = 2',
    inTurn(addText('t.z', 'q'), addText('u.z', 'q')),
    '[t]\n  x = 1\n  z = "q"\n\n[u]\ny = 2\nz = "q"',
  ],
  [
    'new tables',
    '[t]\nx = 1\n\n# about u\n[u]\ny = 2\n',
    inTurn(addText('t.sub.a', 'q'), addText('t.sub.b', 'q'), addText('new.a.b', 'q')),
    '[t]\nx = 1\n\n[t.sub]\na = "q"\nb = "q"\n\n# about u\n[u]\ny = 2\n\n[new.a]\nb = "q"\n',
  ],
  ['a table without a header', '[a.b.c]\nx = 1\n', addText('a.b.y', 'q'), '[a.b]\ny = "q"\n\n[a.b.c]\nx = 1\n'],
  ['dotted keys', 'a.b.c = 1\n[t]\nk = 1\n', addText('a.b.e', 'q'), 'a.b.c = 1\na.b.e = "q"\n[t]\nk = 1\n'],
  [
    'dotted keys of which none is left',
    '[t]\na.b = 1\nz = 2\n',
    inTurn(removeKeys('t.a.b'), addText('t.a.c', 'q')),
    '[t]\nz = 2\na.c = "q"\n',
  ],
  [
    'an inline table',
    't = { x = 1, y.z = 2 }\n',
    inTurn(addText('t.w', 'q'), addText('t.y.v', 'r')),
    't = { x = 1, y.z = 2, y.v = "r", w = "q" }\n',
  ],
  [
    'tables of a list',
    '[[s]]\np = 1\n[[s]]\np = 2\n  [[s.t]]\n  n = 1\n\n[z]\nq = 1\n',
    inTurn(addText('s.2.p', 'q'), addText('s.1.r', 'r')),
    '[[s]]\np = 1\n[[s]]\np = 2\nr = "r"\n  [[s.t]]\n  n = 1\n\n[[s]]\np = "q"\n\n[z]\nq = 1\n',
  ],
  [
    'a whole table goes with what is written in it',
    'a = 1\n\n[t]\nx = 1\n# in t\ny = 2\n\n# about u\n[u]\ny = 2\n',
    removeKeys('t.x', 't.y'),
    'a = 1\n\n# about u\n[u]\ny = 2\n',
  ],
  ['the last table leaves no gap', 'a = 1\n\n[t]\nx = 1\n', removeKeys('t.x'), 'a = 1\n'],
  ['a pair goes, comments above stay', '# one\na = 1 # x\nb = 2\n', removeKeys('a'), '# one\nb = 2\n'],
  ['an inline pair goes', 't = { x = 1, y.z = 2, y.w = 3 }\n', removeKeys('t.y.z'), 't = { x = 1, y.w = 3 }\n'],
  ['two go', 't = { x = 1, y.z = 2, y.w = 3 }\n', removeKeys('t.y.z', 't.y.w'), 't = { x = 1 }\n'],
  [
    'a table has another name wherever it is named',
    '[a.b]\nx = 1\n[a.b.c]\nz = 1\n[a]\nq.w = 1\n',
    rename(/^a\.b/, 'a.k l'),
    '[a."k l"]\nx = 1\n[a."k l".c]\nz = 1\n[a]\nq.w = 1\n',
  ],
  [
    'quotes of keys stay',
    '[\'a\'."b"]\nx = 1\n[a.c]\nz = 1\n',
    rename(/^a\./, 'z.'),
    '[\'z\'."b"]\nx = 1\n[z.c]\nz = 1\n',
  ],
  ['dotted keys have another name', 'a.b.c = 1\na.b.d = 2\n', rename(/^a\.b/, 'a.x'), 'a.x.c = 1\na.x.d = 2\n'],
  [
    'a pair goes elsewhere',
    '[a]\nx = 1\ny = 2\n[b]\nz = 3\n',
    rename(/^a\.x/, 'b.x'),
    '[a]\ny = 2\n[b]\nz = 3\nx = 1\n',
  ],
  [
    'folded lines stay folded',
    'a = """\nFirst \\\n   folded\nsecond \\u00e9\n"""\n',
    setText('a', 'First folded\nsecond line é\n'),
    'a = """\nFirst \\\n   folded\nsecond line \\u00e9\n"""\n',
  ],
  [
    'lines end as those of the file',
    'a = """\r\nFirst\r\nsecond"""\r\n',
    setText('a', 'First\nadded\nsecond'),
    'a = """\r\nFirst\r\nadded\r\nsecond"""\r\n',
  ],
  [
    'raw lines that cannot stay raw',
    "a = '''\nFirst\n'''\n",
    setText('a', "First '''\n"),
    'a = """\nFirst \'\'\'\n"""\n',
  ],
  ['a raw text', "a = 'C:\\x'\n", setText('a', 'C:\\y'), "a = 'C:\\y'\n"],
  ['a raw text that cannot stay raw', "a = 'C:\\x'\n", setText('a', "it's"), 'a = "it\'s"\n'],
  [
    'quotes',
    'a = "x"\nb = """x"""\n',
    inTurn(setText('a', '"""'), setText('b', '""""')),
    'a = "\\"\\"\\""\nb = """""\\"\\""""\n',
  ],
  ['a line break first', 'b = """x"""\n', setText('b', '\nx'), 'b = """\n\nx"""\n'],
  ['control characters', 'b = """x"""\n', setText('b', 'x\r\n\0'), 'b = """x\\r\n\\u0000"""\n'],
  ['infinity', 'a = 1.5 # x\n', setValue('a', { type: 'float', value: -Infinity }), 'a = -inf # x\n'],
  [
    'not a number, as JSON says it',
    'a = 1.5\n',
    setValue('a', { type: 'float', value: Number.NaN, lexeme: 'NaN' }),
    'a = nan\n',
  ],
  ['a number as it was typed', 'a = 1\n', setValue('a', { type: 'int', digits: '31', lexeme: '0x1f' }), 'a = 0x1f\n'],
  ['a table becomes a text', 'b = 1\n[a]\n[c]\nd = 1\n', setText('a', 'x'), 'b = 1\na = "x"\n[c]\nd = 1\n'],
  [
    'items with comments',
    'a = [\n  1, # one\n  2, # two\n]\n',
    setValue('a', listOf('1', '3', '4')),
    'a = [\n  1, # one\n  3, # two\n  4,\n]\n',
  ],
  ['items on a line', 'a = [ 1, 2 ]\n', setValue('a', listOf('1', '2', '4')), 'a = [ 1, 2, 4 ]\n'],
  ['a list of a line', 'a = 1\n', addValue('b', listOf('1', '2')), 'a = 1\nb = [1, 2]\n'],
];

describe('saving TOML', () => {
  it.each(CASES)('%s', async (_, before, act, after) => {
    expect(await rewrite(before, 'x.toml', act)).toBe(after);
  });

  it('changes a value that is written as tables where it is different', async () => {
    const file =
      '"a.instructions" = "x"\n\n["a.model"] # ours\nmsgflux_type = "model"\n\n["a.model".state]\nid = "m"\nsize = 1\n\n["a.model".state.deep]\nk = 1\n';
    const model: Value = {
      type: 'json',
      flavour: 'typed-object',
      json: {
        kind: 'object',
        members: [
          ['msgflux_type', { kind: 'string', value: 'model' }],
          [
            'state',
            {
              kind: 'object',
              members: [
                ['id', { kind: 'string', value: 'n' }],
                ['added', { kind: 'object', members: [['z', { kind: 'bool', value: true }]] }],
                ['deep', { kind: 'object', members: [['k', { kind: 'number', lexeme: '1' }]] }],
              ],
            },
          ],
        ],
      },
    };
    expect(await rewrite(file, 'x.toml', inTurn(setValue('a.model', model), rename(/^a\.i/, 'b.i')))).toBe(
      '"b.instructions" = "x"\n\n["a.model"] # ours\nmsgflux_type = "model"\n\n["a.model".state]\nid = "n"\n\n' +
        '["a.model".state.deep]\nk = 1\n\n["a.model".state.added]\nz = true\n',
    );
  });

  const REFUSED: readonly (readonly [title: string, before: string, act: Act, why: RegExp])[] = [
    ['null', 'a = 1\n', setValue('a', { type: 'null' }), /"a" cannot.*TOML has no null/],
    [
      'null inside',
      'a = [1]\n',
      setValue('a', { type: 'json', json: { kind: 'array', items: [{ kind: 'null' }] } }),
      /"a" cannot.*no null/,
    ],
    ['half a surrogate pair', 'a = "x"\n', setText('a', '\ud83e'), /"a" cannot.*surrogate/],
    ['an entry in the place of another', 'a = 1\n[t]\nx = 1\n', rename(/^a$/, 't'), /"t" cannot.*another entry/],
    ['the first table of a list', '[[s]]\np = 1\n[[s]]\np = 2\n', removeKeys('s.0.p'), /"s.1.p" cannot/],
    [
      'the comment of an entry',
      'a = 1 # c\n',
      (state) => changeState(state, { replace: new Map([[0, { ...state.entries.at(0), meta: [] }]]) }),
      /"a" cannot.*comments/,
    ],
    ['comments', '# c\n\na = 1\n', (state) => changeState(state, { metadata: [] }), /follows from the text/],
  ];
  it.each(REFUSED)('refuses %s by name', async (_, before, act, why) => {
    await expect(rewrite(before, 'x.toml', act)).rejects.toMatchObject({
      info: { kind: 'unsupported', file: 'x.toml', detail: expect.stringMatching(why) },
    });
  });

  it('leaves a file alone whose bytes are damaged', async () => {
    const bytes = new Uint8Array([...new TextEncoder().encode('a = "x"\nb = "'), 0xff, 0x22, 0x0a]);
    const before = await openText(bytes, 'x.toml');
    await expect(saveEdited(bytes, 'x.toml', before, setText('a', 'y')(before))).rejects.toMatchObject({
      info: { kind: 'unsupported', detail: expect.stringContaining('UTF-8') },
    });
    expect((await saveEdited(bytes, 'x.toml', before, before)).bytes).toEqual(bytes);
  });
});

describe('saving a plain text', () => {
  it('copies what is the same at both ends', async () => {
    const bytes = new TextEncoder().encode('\uFEFFBe brief 🧠.\r\nBe kind.\r\n');
    const before = await openText(bytes, 'p.txt');
    const { parts, text } = await saveEdited(
      bytes,
      'p.txt',
      before,
      setText('p', 'Be brief 🧩.\r\nBe kind.\r\n')(before),
    );
    expect(text).toBe('\uFEFFBe brief 🧩.\r\nBe kind.\r\n');
    expect(parts.map(({ kind }) => kind)).toEqual(['copy', 'bytes', 'copy']);
    expect(parts[1]).toMatchObject({ bytes: new TextEncoder().encode('🧩') });
  });

  it.each([
    ['another name', rename(/p/, 'q')],
    ['no text', removeKeys('p')],
    ['two texts', addText('q', 'x')],
    ['a number', setValue('p', { type: 'int', digits: '1' })],
  ])('refuses %s', async (_, act) => {
    await expect(rewrite('text', 'p.txt', act)).rejects.toMatchObject({ info: { kind: 'unsupported' } });
  });
});
