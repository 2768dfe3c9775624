import { describe, expect, it } from 'vitest';
import { changeState } from '../../model/change-state.ts';
import type { JsonNode, Value } from '../../model/state-dict.ts';
import {
  type Act,
  addText,
  addValue,
  inTurn,
  removeKeys,
  renameKeys,
  rewrite,
  setText,
  setValue,
} from './saving.fixture.ts';

const listOf = (...lexemes: readonly string[]): Value => ({
  type: 'json',
  json: { kind: 'array', items: lexemes.map((lexeme): JsonNode => ({ kind: 'number', lexeme })) },
});
const renameModule: Act = renameKeys((key) => key.replace(/^m\./, 'k.'));
const moveOne: Act = renameKeys((key) => (key === 'm.a' ? 'n.a' : key));

const CASES: readonly (readonly [title: string, before: string, act: Act, after: string])[] = [
  ['the last of a line goes with its comma', '{"a": 1, "b": 2}\n', removeKeys('b'), '{"a": 1}\n'],
  ['the first of a line goes with its comma', '{"a": 1, "b": 2}\n', removeKeys('a'), '{"b": 2}\n'],
  ['all of it goes', '{"a": 1, "b": 2}\n', removeKeys('a', 'b'), '{}\n'],
  [
    'a line goes with the remark behind it',
    '{\n  "a": 1,\n  "b": 2, // b\n  "c": 3\n}\n',
    removeKeys('b'),
    '{\n  "a": 1,\n  "c": 3\n}\n',
  ],
  [
    'other remarks stay',
    '{\n  "a": 1, // keep\n  // and this\n  "b": 2\n}\n',
    removeKeys('b'),
    '{\n  "a": 1 // keep\n  // and this\n}\n',
  ],
  [
    'the end goes and something else comes',
    '{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}\n',
    inTurn(removeKeys('b', 'c'), addText('z', 'new')),
    '{\n  "a": 1,\n  "z": "new"\n}\n',
  ],
  ['a trailing comma stays one', '{\n  "a": 1,\n}\n', addText('z', 'new'), '{\n  "a": 1,\n  "z": "new",\n}\n'],
  [
    'what is new stands like what is there',
    '\uFEFF{\r\n\t"a": {\r\n\t\t"x": 1\r\n\t}\r\n}',
    inTurn(addText('a.y', 'é'), addValue('b.c', listOf('1', '2'))),
    '\uFEFF{\r\n\t"a": {\r\n\t\t"x": 1,\r\n\t\t"y": "é"\r\n\t},\r\n\t"b": {\r\n\t\t"c": [\r\n\t\t\t1,\r\n\t\t\t2\r\n\t\t]\r\n\t}\r\n}',
  ],
  ['tight text stays tight', '{"a":{"x":1}}', addValue('a.z', { type: 'float', value: 5 }), '{"a":{"x":1,"z":5.0}}'],
  ['an item in the middle', '{"a": [1, 2, 3, 4]}', setValue('a', listOf('1', '3', '9', '4')), '{"a": [1, 3, 9, 4]}'],
  ['an item less', '{"a": [\n  1,\n  2,\n  3\n]}', setValue('a', listOf('1', '3')), '{"a": [\n  1,\n  3\n]}'],
  [
    'ASCII stays ASCII, and escapes stay as they are written',
    '{"a": "caf\\u00E9 \\/ x", "b": 1}',
    setText('a', 'café / ÿ🧠'),
    '{"a": "caf\\u00E9 \\/ \\u00ff\\ud83e\\udde0", "b": 1}',
  ],
  ['a module has another name', '{"m": {"a": 1, "b": 2}, "n": 3}', renameModule, '{"k": {"a": 1, "b": 2}, "n": 3}'],
  [
    'one entry goes elsewhere',
    '{"m": {"a": 1, "b": 2}, "n": {}}',
    inTurn(removeKeys('n'), moveOne),
    '{"m": {"b": 2}, "n": {"a": 1}}',
  ],
  [
    'an object loses one entry and gets another',
    '{"m": {\n  "a": 1\n}, "n": 3}',
    inTurn(removeKeys('m.a'), addText('m.b', 'x')),
    '{"m": {\n  "b": "x"\n}, "n": 3}',
  ],
  ['one more object of a list', '{"l": [{"p": 1}]}', addText('l.1.p', 'y'), '{"l": [{"p": 1}, {"p": "y"}]}'],
  [
    'an integer of any size',
    '{"a": 1, "b": {}}',
    setValue('a', { type: 'int', digits: '9'.repeat(40) }),
    `{"a": ${'9'.repeat(40)}, "b": {}}`,
  ],
  [
    'a number as it was typed',
    '{"a": 1.0}',
    setValue('a', { type: 'float', value: 100, lexeme: '1.00e2' }),
    '{"a": 1.00e2}',
  ],
  [
    'Infinity where NaN is',
    '{"a": 1.0, "b": NaN}',
    setValue('a', { type: 'float', value: Infinity }),
    '{"a": Infinity, "b": NaN}',
  ],
  ['half a surrogate pair', '{"a": "x"}', setText('a', '\ud83e'), '{"a": "\\ud83e"}'],
  [
    'nothing, and no longer nothing',
    '{"a": null, "b": "x"}',
    inTurn(setText('a', ''), setValue('b', { type: 'null' })),
    '{"a": "", "b": null}',
  ],
];

describe('saving JSON', () => {
  it.each(CASES)('%s', async (_, before, act, after) => {
    expect(await rewrite(before, 'x.json', act)).toBe(after);
  });

  const FLAT = '{"a.instructions": "x", "a.model": {"msgflux_type": "model", "state": {"id": "m", "k": 1}}}';

  it('writes keys of a flat file whole, and changes typed values inside', async () => {
    const model: Value = {
      type: 'json',
      flavour: 'typed-object',
      json: {
        kind: 'object',
        members: [
          ['msgflux_type', { kind: 'string', value: 'model' }],
          ['state', { kind: 'object', members: [['id', { kind: 'string', value: 'n' }]] }],
        ],
      },
    };
    const act = inTurn(
      setValue('a.model', model),
      addText('b.name', 'w'),
      renameKeys((key) => key.replace('a.i', 'c.i')),
    );
    expect(await rewrite(FLAT, 'x.json', act)).toBe(
      '{"c.instructions": "x", "a.model": {"msgflux_type": "model", "state": {"id": "n"}}, "b.name": "w"}',
    );
  });

  const DSPY =
    '{"q.predict": {"traces": [], "train": [], "demos": [], "signature": {"instructions": "x", "fields": []}, "lm": null}, ' +
    '"metadata": {"dependency_versions": {"dspy": "3.4.1"}}}';

  it('knows the names of predictors, old and new, and what DSPy says beside them', async () => {
    const copy: Act = (state) => {
      const entries = Array.from({ length: state.entries.length }, (_, row) => state.entries.at(row));
      const add = entries.map((entry) => ({
        ...entry,
        key: entry.key.replace('q.predict', 'r.predict'),
        path: { ...entry.path, parts: ['r', ...entry.path.parts.slice(1)] },
      }));
      const [versions] = state.metadata;
      const value: JsonNode = { kind: 'object', members: [['dspy', { kind: 'string', value: '3.5' }]] };
      return changeState(state, { add, metadata: [{ ...versions!, value }, ...state.metadata.slice(1)] });
    };
    const rename = renameKeys((key) => key.replace('q.p', 's.p'));
    const act = inTurn(copy, rename, setText('s.predict.signature.instructions', 'y'));
    const written = await rewrite(DSPY, 'x.json', act);
    const predictor = (text: string) =>
      `{"traces": [], "train": [], "demos": [], "signature": {"instructions": "${text}", "fields": []}, "lm": null}`;
    expect(written).toBe(
      `{"s.predict": ${predictor('y')}, "metadata": {"dependency_versions": {"dspy": "3.5"}}, "r.predict": ${predictor('x')}}`,
    );
  });

  it('takes names with brackets as a person types them', async () => {
    const file = DSPY.replace('q.predict', "d['two words']");
    const rename = renameKeys((key) => key.replace('instructions', 'renamed').replace("d['two", "e['two"));
    expect(await rewrite(file, 'x.json', rename)).toBe(
      file.replace('instructions', 'renamed').replace("d['two", "e['two"),
    );
    const added = await rewrite(file, 'x.json', addText("d['two words'].signature.note", 'y'));
    expect(added).toBe(file.replace('"fields": []', '"fields": [], "note": "y"'));
  });

  const REFUSED: readonly (readonly [title: string, before: string, act: Act, why: RegExp])[] = [
    ['NaN in a strict file', '{"a": 1.5}', setValue('a', { type: 'float', value: Number.NaN }), /"a" cannot.*no nan/],
    [
      'an entry in the place of another',
      '{"a": {"b": 1}, "c": 2}',
      renameKeys((key) => (key === 'c' ? 'a' : key)),
      /"a" cannot.*another entry/,
    ],
    ['an entry below a text', '{"a": "x", "b": {"c": 1}}', addText('a.d', 'y'), /"a.d" cannot.*another entry/],
    ['a list without its first', '[{"p": 1}, {"p": 2}]', removeKeys('0.p'), /"1.p" cannot/],
    ['a position that is not the next', '{"l": [{"p": 1}]}', addText('l.7.p', 'y'), /"l.7.p" cannot/],
    [
      'an object that would be taken apart',
      '{"a": {"b": 1}}',
      setValue('a.b', { type: 'json', json: { kind: 'object', members: [['c', { kind: 'null' }]] } }),
      /"a.b" cannot/,
    ],
    ['the only value', '"text"', removeKeys(''), /has to hold a value/],
    ['a tuple', '{"a": []}', setValue('a', { type: 'empty', of: 'tuple' }), /"a" cannot/],
    [
      'a date',
      '{"a": 1}',
      setValue('a', { type: 'json', json: { kind: 'literal', lexeme: '2001-02-03', what: 'local-date' } }),
      /no local date/,
    ],
    ['what makes it a DSPy file', DSPY, removeKeys('q.predict.traces'), /no longer known as a dspy file/],
    [
      'metadata of a file without any',
      '{"a": 1}',
      (state) =>
        changeState(state, {
          metadata: [...state.metadata, { section: 'metadata', key: 'k', value: { kind: 'null' } }],
        }),
      /"k" cannot.*no place for metadata/,
    ],
    [
      'the layout',
      '{"a": 1}',
      (state) => changeState(state, { metadata: state.metadata.slice(1) }),
      /follows from the text/,
    ],
  ];
  it.each(REFUSED)('refuses %s by name', async (_, before, act, why) => {
    await expect(rewrite(before, 'x.json', act)).rejects.toMatchObject({
      info: { kind: 'unsupported', file: 'x.json', detail: expect.stringMatching(why) },
    });
  });
});
