import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { StateglassError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { readTokenizerJson } from './tokenizer-json.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/tokens');
const names = readdirSync(FIXTURES);

interface Golden {
  readonly size: number;
  readonly entries: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly decoded: string;
  }[];
}

const bytesOf = (name: string) => new Uint8Array(readFileSync(join(FIXTURES, name, 'tokenizer.json')));
const goldenOf = (name: string): Golden =>
  JSON.parse(readFileSync(join(FIXTURES, name, 'tokenizer.json.json'), 'utf8')) as Golden;
const bytesFrom = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const fieldsOf = (name: string) => JSON.parse(new TextDecoder().decode(bytesOf(name))) as Record<string, never>;

test.each(names)('%s makes the tokens of the library, and its text of them', async (name) => {
  const tokeniser = await readTokenizerJson(bytesOf(name), 'tokenizer.json');
  const { size, entries } = goldenOf(name);
  expect(tokeniser.size).toBe(size);
  expect(entries.length).toBeGreaterThan(20);
  for (const { text, ids, decoded } of entries) {
    expect(tokeniser.encode(text), JSON.stringify(text)).toEqual(ids);
    expect(tokeniser.decode(ids), JSON.stringify(text)).toBe(decoded);
  }
});

test.each([
  ['gpt2', ' the', ' the'],
  ['llama3', '🎉', undefined],
  ['llama2', 'the', ' the'],
  ['t5', 'the', ' the'],
  ['bert', 'the', 'the'],
])('a token of %s is shown as the text it is', async (name, text, shown) => {
  const tokeniser = await readTokenizerJson(bytesOf(name), 'tokenizer.json');
  const shownNames = tokeniser.encode(text).map((id) => tokeniser.name(id));
  if (shown === undefined) expect(shownNames.at(-1)).toMatch(/^(<0x[0-9A-F]{2}>)+$|^🎉$/);
  else expect(shownNames.join('')).toContain(shown);
  expect(tokeniser.name(tokeniser.size)).toBeUndefined();
  expect(tokeniser.name(-1)).toBeUndefined();
});

test('ids that it does not have are passed over', async () => {
  const tokeniser = await readTokenizerJson(bytesOf('gpt2'), 'tokenizer.json');
  const [id] = tokeniser.encode('The');
  expect(tokeniser.decode([99_999, id!, -1])).toBe(tokeniser.decode([id!]));
  expect(tokeniser.decode([99_999])).toBe('');
});

describe('what is refused', () => {
  const refused = async (bytes: Uint8Array) => {
    const error = await readTokenizerJson(bytes, 'tokenizer.json').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StateglassError);
    return (error as StateglassError).info;
  };

  test.each([
    ['{', 'malformed'],
    ['[]', 'malformed'],
    ['{"model": {}}', 'malformed'],
    ['{"model": {"type": "BPE", "vocab": {}}}', 'unsupported'],
    ['{"model": {"type": "BPE", "vocab": {}, "merges": [1]}}', 'unsupported'],
    ['{"model": {"type": "Unigram", "vocab": [3]}}', 'unsupported'],
    ['{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}, "normalizer": {"type": "Nmt"}}', 'unsupported'],
    ['{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}, "added_tokens": 5}', 'unsupported'],
  ])('%s', async (text, kind) => {
    expect((await refused(new TextEncoder().encode(text))).kind).toBe(kind);
  });

  test('steps in steps without end', async () => {
    const depth = 200_000;
    const text = `{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}, "normalizer": ${'{"type":"Sequence","normalizers":['.repeat(depth)}${']}'.repeat(depth)}}`;
    expect((await refused(new TextEncoder().encode(text))).kind).toMatch(/malformed|unsupported/);
  });

  test('a pattern that may never end', async () => {
    const pattern = { Regex: '(a+)+b' };
    const split = { type: 'Split', pattern, behavior: 'Isolated', invert: false };
    const info = await refused(bytesFrom({ ...fieldsOf('gpt2'), pre_tokenizer: split }));
    expect(info).toMatchObject({ kind: 'unsupported', detail: expect.stringContaining('(a+)+b') });
  });

  test('a text past the limit', async () => {
    const tokeniser = await readTokenizerJson(bytesOf('llama2'), 'tokenizer.json');
    const most = 'ab c '.repeat(LIMITS.tokenisedCharacters / 5);
    expect(tokeniser.encode(most).length).toBeGreaterThan(1000);
    expect(() => tokeniser.encode(`${most}a`)).toThrow('too long');
  });
});
