import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../../bytes/source.ts';
import { type Entry, ROW_FLAG, type StateDict } from '../../model/state-dict.ts';
import { json, plainText, toml } from './index.ts';

async function open(content: string | Uint8Array<ArrayBuffer>, name: string): Promise<StateDict> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const format = name.endsWith('.toml') ? toml : name.endsWith('.json') ? json : plainText;
  const source: ByteSource = {
    name,
    size: bytes.length,
    handle: { kind: 'buffer', bytes, name },
    read: async (start, end) => bytes.slice(start, end),
  };
  const { read } = await format.load();
  const result = await read({ id: name, source, files: new Map([[name, source]]), set: [name] });
  if ('decline' in result) throw new Error(result.decline);
  return result.state;
}

const entriesOf = (state: StateDict): Entry[] =>
  Array.from({ length: state.entries.length }, (_, i) => state.entries.at(i));
const keysOf = (state: StateDict): string[] => entriesOf(state).map((entry) => entry.key);
const codesOf = (state: StateDict): string[] => state.problems.map((problem) => `${problem.severity} ${problem.code}`);
const fileItem = (state: StateDict, key: string): unknown =>
  state.metadata.find((item) => item.section === 'file' && item.key === key)?.value;

describe('msgflux', () => {
  it('keeps typed values and objects whole, guesses roles, keeps nulls', async () => {
    const state = await open(
      JSON.stringify({
        'a.instructions': 'Be brief',
        'a.lm': { msgflux_type: 'model', state: { x: [1] } },
        'a.config': { verbose: true },
        'a.z': null,
      }),
      'agent.json',
    );
    expect(state).toMatchObject({ dialect: 'msgflux', layout: 'flat', problems: [] });
    expect(entriesOf(state)).toMatchObject([
      {
        key: 'a.instructions',
        path: { parts: ['a', 'instructions'], raw: 'a.instructions' },
        value: { type: 'text' },
        role: { role: 'parameter' },
        roleSource: 'heuristic',
      },
      { key: 'a.lm', value: { type: 'json', flavour: 'typed-object' }, role: { role: 'buffer' } },
      { key: 'a.config', value: { type: 'json', flavour: 'dict' }, role: { role: 'buffer' } },
      { key: 'a.z', value: { type: 'null' } },
    ]);
  });

  it.each([
    ['an API answer', { id: 'asst_1', object: 'assistant', instructions: 'x', tools: [{ type: 'code' }] }],
    ['editor settings', { 'editor.fontSize': 14, 'editor.tabSize': 2 }],
    ['translations', { 'home.title': 'Welcome', 'home.text': 'Hello' }],
    ['a package', { name: 'x', description: 'y', version: '1.0.0' }],
  ])('does not claim %s', async (_, value) => {
    expect((await open(JSON.stringify(value), 'x.json')).dialect).toBe('generic');
  });

  it('says that nested keys match nothing: sure of typed values, less of names, least of texts', async () => {
    const typed = await open('[writer.lm]\nmsgflux_type = "model"', 'a.toml');
    expect(typed).toMatchObject({ dialect: 'msgflux', layout: 'nested' });
    expect(codesOf(typed)).toEqual(['warning msgflux-nested']);
    expect(entriesOf(typed)).toMatchObject([{ key: 'writer.lm', value: { type: 'json', flavour: 'typed-object' } }]);
    const named = await open('writer.instructions = "Be brief"\nwriter.n = 1', 'a.toml');
    expect([named.dialect, ...codesOf(named)]).toEqual(['generic', 'warning msgflux-nested']);
    expect(codesOf(await open('[writer]\nbuffer_name = "x"', 'a.toml'))).toEqual(['note msgflux-nested']);
    expect(codesOf(await open('[writer]\nbuffer_name = 1', 'a.toml'))).toEqual([]);
    expect(codesOf(await open('{"a": "x", "b.c": "y"}', 'a.json'))).toEqual([]);
  });

  it('points at texts "None" in TOML only', async () => {
    const state = await open('a = "None"\nb = ["x", "None"]\nc = "None of it"', 'a.toml');
    expect(state.problems).toMatchObject([{ code: 'toml-none', message: '"a", "b" hold the text "None".' }]);
    const single = await open('a = "None"', 'a.toml');
    expect(single.problems).toMatchObject([{ code: 'toml-none', entry: 0 }]);
    expect(single.entries.columns().flags[0]! & ROW_FLAG.problem).toBe(0);
    expect(codesOf(await open('{"a": "None"}', 'a.json'))).toEqual([]);
  });
});

describe('DSPy', () => {
  const predict = {
    traces: [],
    train: [],
    demos: [{ q: '1', a: '2' }],
    signature: { instructions: 'Do', fields: [{ prefix: 'Q:', description: 'd' }] },
    lm: null,
  };

  it('names predictors as DSPy does and takes signatures apart', async () => {
    const state = await open(
      JSON.stringify({ 'preds[0]': predict, "d['k'].predict": { ...predict, lm: { model: 'm' } } }),
      'p.json',
    );
    expect(state).toMatchObject({ dialect: 'dspy', layout: 'nested' });
    expect(state.nodes.get('preds.0')).toEqual({ container: 'Predict' });
    const entries = entriesOf(state);
    expect(keysOf(state).slice(0, 7)).toEqual([
      'preds[0].traces',
      'preds[0].train',
      'preds[0].demos',
      'preds[0].signature.instructions',
      'preds[0].signature.fields.0.prefix',
      'preds[0].signature.fields.0.description',
      'preds[0].lm',
    ]);
    expect(entries[4]?.path).toEqual({
      parts: ['preds', 0, 'signature', 'fields', 0, 'prefix'],
      kinds: ['attr', 'index', 'key', 'key', 'index', 'key'],
      raw: null,
    });
    expect(entries[2]).toMatchObject({ value: { type: 'json', flavour: 'demos' } });
    expect(entries.at(-1)).toMatchObject({
      path: { parts: ['d', 'k', 'predict', 'lm'] },
      value: { type: 'json', flavour: 'lm' },
    });
  });

  it('reads the layout of DSPy 2.5 and before', async () => {
    const old = {
      lm: null,
      traces: [],
      train: [],
      demos: [],
      signature_instructions: 'Do',
      signature_prefix: 'A:',
      extended_signature_instructions: 'Do',
      extended_signature_prefix: 'A:',
    };
    const state = await open(JSON.stringify({ generate: old }), 'p.json');
    expect(state.dialect).toBe('dspy');
    expect(
      entriesOf(state)
        .filter((entry) => entry.role.role === 'parameter')
        .map((entry) => entry.path.parts.at(-1)),
    ).toEqual([
      'demos',
      'signature_instructions',
      'signature_prefix',
      'extended_signature_instructions',
      'extended_signature_prefix',
    ]);
  });

  it('is not every file with demos', async () => {
    expect((await open('{"a": {"demos": [], "signature": "x"}}', 'p.json')).dialect).toBe('generic');
    expect((await open(JSON.stringify({ a: predict, b: { x: 1 } }), 'p.json')).dialect).toBe('generic');
  });
});

describe('other files', () => {
  it('nests objects and lists of containers, keeps scalar lists and what is empty as leaves', async () => {
    const state = await open('{"a": {"b": [1, "x"], "c": [{"d": 1.0}, [], [2]], "e": {}}, "1": true}', 'x.json');
    expect(entriesOf(state).map(({ path, value }) => [path.parts, value.type])).toEqual([
      [['a', 'b'], 'json'],
      [['a', 'c', 0, 'd'], 'float'],
      [['a', 'c', 1], 'empty'],
      [['a', 'c', 2], 'json'],
      [['a', 'e'], 'empty'],
      [['1'], 'bool'],
    ]);
    expect(keysOf(state)[1]).toBe('a.c.0.d');
    expect(state.nodes.get('a.c')).toEqual({ container: 'array' });
  });

  it('recognises how flat keys are written', async () => {
    const parts = async (value: unknown) =>
      entriesOf(await open(JSON.stringify(value), 'x.json')).map((entry) => entry.path.parts);
    expect(await parts({ 'a.0.b': 'x' })).toEqual([['a', '0', 'b']]);
    expect(await parts({ ".a[0]['b.c']": 'x' })).toEqual([['a', 0, 'b.c']]);
    expect(await parts({ "('a', 0)": 'x' })).toEqual([['a', 0]]);
    expect(await parts({ 'Hello. How are you?': 'x' })).toEqual([['Hello. How are you?']]);
    expect(await parts({ 'a.b': 'x', 'a.c': { d: 1 } })).toEqual([
      ['a', 'b'],
      ['a', 'c'],
    ]);
  });

  it.each([
    ['[1, 2]', [[[], 'json']]],
    ['[{"a": 1}]', [[[0, 'a'], 'int']]],
    ['"x"', [[[], 'text']]],
    ['null', [[[], 'null']]],
    ['[]', [[[], 'empty']]],
    ['{}', []],
  ])('opens %s', async (text, rows) => {
    const state = await open(text, 'x.json');
    expect(entriesOf(state).map(({ path, value }) => [path.parts, value.type])).toEqual(rows);
    expect(state.entries.columns().count).toBe(rows.length);
  });

  it('marks the first entry of each repeated key', async () => {
    const state = await open('{"a": 1,\n "a": {"b": 1, "c": 2},\n "a": 3}', 'x.json');
    expect(keysOf(state)).toEqual(['a', 'a.b', 'a.c', 'a']);
    expect(state.problems).toMatchObject([
      { code: 'duplicate-key', entry: 1, at: 10, message: 'The key "a" is given again at line 2.' },
      { code: 'duplicate-key', entry: 3 },
    ]);
    expect([...state.entries.columns().flags].map((flags) => flags & ROW_FLAG.problem)).toEqual([0, 4, 0, 4]);
  });

  it('keeps comments with their entries and the rest with the file', async () => {
    const state = await open(
      '# of the file\n\n# of a,\n# two lines\na = 1 # behind a\n[t] # of t\nb = """\n# text\n""" # behind b\n# last',
      'x.toml',
    );
    const comments = entriesOf(state).map((entry) =>
      (entry.meta ?? []).map(({ key, value }) => [key, value.kind === 'string' && value.value]),
    );
    expect(comments).toEqual([
      [
        ['above', '# of a,'],
        ['above', '# two lines'],
        ['behind', '# behind a'],
      ],
      [['behind', '# behind b']],
    ]);
    const rest = state.metadata.filter((item) => item.section === 'comments').map((item) => item.key);
    expect(rest).toEqual(['line 1', 'line 6', 'line 10']);
  });

  it('says how the file is laid out', async () => {
    const state = await open('\uFEFF{\r\n\t"a": 1\r\n}', 'x.json');
    expect(fileItem(state, 'encoding')).toEqual({ kind: 'string', value: 'UTF-8 with byte order mark' });
    expect(fileItem(state, 'newline')).toEqual({ kind: 'string', value: 'CRLF' });
    expect(fileItem(state, 'indent')).toEqual({ kind: 'string', value: 'a tab' });
    expect(fileItem(state, 'trailing newline')).toEqual({ kind: 'bool', value: false });
    expect(codesOf(await open('a = 1\r\nb = 2\n', 'x.toml'))).toEqual(['note mixed-line-ends']);
  });

  it('replaces what is not UTF-8 and says where', async () => {
    const bytes = new Uint8Array([
      ...new TextEncoder().encode('{"\uFFFDé": "'),
      0xe9,
      ...new TextEncoder().encode('"}'),
    ]);
    const state = await open(bytes, 'x.json');
    expect(state.problems).toMatchObject([{ code: 'not-utf8', message: expect.stringContaining('from byte 11 on') }]);
    expect(entriesOf(state)[0]?.value).toEqual({ type: 'text', text: '\uFFFD' });
  });

  it('refuses UTF-16 by name', async () => {
    await expect(open(new Uint8Array([0xff, 0xfe, 0x7b, 0, 0x7d, 0]), 'x.json')).rejects.toThrow(
      /UTF-16.*save it as UTF-8/,
    );
    expect(json.probe(new Uint8Array([0xff, 0xfe, 0x7b, 0, 0x7d, 0]), 'x.json')).toBe('yes');
  });

  it('flags credentials by row and names the key, never the value', async () => {
    const key = `sk-proj-${'a1B2'.repeat(10)}`;
    const state = await open(
      JSON.stringify({ a: { api_key: key, note: 'x' }, l: ['x', { token: 'y', password: 'hunter2' }] }),
      'x.json',
    );
    expect([...state.entries.columns().flags].map((flags) => (flags & ROW_FLAG.secret) !== 0)).toEqual([
      true,
      false,
      false,
      false,
      true,
    ]);
    const secrets = state.problems.filter((problem) => problem.code === 'secret');
    expect(secrets.map((problem) => problem.message.split('"')[1])).toEqual(['a.api_key', 'l.1.password']);
    expect(JSON.stringify(secrets)).not.toContain(key);
    expect(JSON.stringify(secrets)).not.toContain('hunter2');
  });

  it('lists a million duplicates and secrets in a thousand problems', async () => {
    const state = await open(`{${'"token":"0123456789abcdef",'.repeat(50_000)}"token":"0123456789abcdef"}`, 'x.json');
    expect(state.entries.length).toBe(50_001);
    expect(state.problems.filter((problem) => problem.code === 'duplicate-key')).toHaveLength(1001);
    expect(state.problems.at(-1)?.message).toBe('There are 49000 more of these.');
  });

  it('opens a text as one entry named after the file', async () => {
    const state = await open('\uFEFFYou are {{ name }}.\n', 'system.prompt');
    expect(state).toMatchObject({ format: 'text', layout: 'flat', dialect: 'generic' });
    expect(entriesOf(state)).toMatchObject([{ key: 'system', value: { type: 'text', text: 'You are {{ name }}.\n' } }]);
  });
});
