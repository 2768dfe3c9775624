import { describe, expect, it } from 'vitest';
import { detectText } from './detect.ts';
import { json, plainText, toml, yaml } from './index.ts';

describe('detectText', () => {
  it.each([
    ['{"a": 1}', 'json'],
    ['  [1, 2]\n', 'json'],
    ['{"a": 1,\n "b": tru}', 'json'],
    ['{\n  // note\n  "a": 1\n}', 'json'],
    ['a = "x"\n[t]\nb = 1', 'toml'],
    ['# note\n"lm.model" = """\nx"""', 'toml'],
    ['[lm]\nmodel = "x"', 'toml'],
    ['Answer the question.', 'plain'],
    ['{{ name }}, hello', 'plain'],
    ['{name}: say "hi"', 'plain'],
    ['[INST] Be brief [/INST]', 'plain'],
    ['x = 1 + 2', 'plain'],
    ['a = b', 'plain'],
    ['# Title\n\nSome Markdown.', 'plain'],
    ['"only a text"', 'plain'],
    ['42', 'plain'],
    ['', 'plain'],
    ['agent.instructions: Be brief.\nagent.name: x', 'yaml'],
    ['model:\n  name: x\n  prompts:\n  - |\n    Be brief.', 'yaml'],
    ['# settings\n---\ntemperature: 0.5\nmax_tokens: 100', 'yaml'],
    ['prompt: "quoted"', 'yaml'],
    ['Note: be brief.\nFormat: JSON', 'plain'],
    ['note: be brief.\nformat: JSON', 'plain'],
    ['note: be brief.', 'plain'],
    ['score: 4', 'plain'],
    ['Rules:\n- Be brief.\n- Be kind.', 'plain'],
    ['rules:\n- Be brief.\n- Be kind.', 'plain'],
    ['- one\n- two', 'plain'],
    ['---\ntitle: A prompt\n---\n\nYou are brief.', 'plain'],
    ['question: what is 2 + 2?\nAnswer in a word.', 'plain'],
    ['user: hi\nassistant: "hello", she said', 'plain'],
    ['http://example.com/a: b', 'plain'],
  ])('%j is %s', async (text, kind) => {
    expect(await detectText(text)).toBe(kind);
  });
});

describe('probe of YAML', () => {
  it.each([
    ['a: 1', 'x.yaml', 'yes'],
    ['hello', 'x.yml', 'yes'],
    ['{"a": 1}', 'x.yaml', 'maybe'],
    ['a: 1', 'x', 'maybe'],
    ['%YAML 1.2\n---\n# c\n"a b":\n', 'x', 'maybe'],
    ['a: 1', 'x.txt', 'no'],
    ['def: 1', 'x.py', 'no'],
    ['Note: x', 'x', 'no'],
    ['a:b', 'x', 'no'],
    ['- a', 'x', 'no'],
  ])('%j as %s: %s', (text, name, likelihood) => {
    expect(yaml.probe(new TextEncoder().encode(text), name)).toBe(likelihood);
  });

  it('leaves JSON under its name to JSON where it is some', () => {
    const text = new TextEncoder().encode('{"a": 1}');
    expect([json.probe(text, 'x.yaml'), toml.probe(text, 'x.yaml')]).toEqual(['maybe', 'no']);
  });
});

describe('probe', () => {
  const probe = (text: string, name: string) =>
    [json, toml, plainText].map((format) => format.probe(new TextEncoder().encode(text), name));

  it.each([
    ['{"a": 1}', 'x.json', ['yes', 'no', 'no']],
    ['{"a": 1}', 'x', ['yes', 'no', 'no']],
    ['{"a": 1}', 'x.txt', ['maybe', 'no', 'maybe']],
    ['\uFEFF\n{ }', 'x.json', ['yes', 'no', 'no']],
    ['"text"', 'x.json', ['yes', 'no', 'no']],
    ['hello', 'x.json', ['maybe', 'no', 'no']],
    ['[1, 2]', 'x', ['maybe', 'no', 'no']],
    ['[a]\nb = 1', 'x', ['no', 'maybe', 'no']],
    ['["lm.model"]\nb = 1', 'x', ['no', 'maybe', 'no']],
    ['["a"]', 'x', ['maybe', 'no', 'no']],
    ['[a]\nb = 1', 'x.toml', ['no', 'yes', 'no']],
    ['# only a comment', 'x.toml', ['no', 'yes', 'no']],
    ['import os\nx = 1', 'x.py', ['no', 'no', 'no']],
    ['Be brief.', 'x.prompt', ['no', 'no', 'maybe']],
    ['Be brief.', 'x', ['no', 'no', 'no']],
    ['\x80\x02}q\x00.', 'x.bin', ['no', 'no', 'no']],
  ])('%j in %s', (text, name, expected) => {
    expect(probe(text, name)).toEqual(expected);
  });

  it('leaves what only begins like JSON or TOML to others', async () => {
    const bytes = new TextEncoder().encode('[1, 2] and more prose');
    const source = {
      name: 'x',
      size: bytes.length,
      handle: { kind: 'buffer', bytes, name: 'x' },
      read: async () => bytes,
    } as const;
    const context = { id: 'x', source, files: new Map([['x', source]]), set: ['x'] };
    expect(await (await json.load()).read(context)).toHaveProperty('decline');
    expect(await (await toml.load()).read(context)).toHaveProperty('decline');
  });
});
