import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { bufferSource } from '../../bytes/buffer.ts';
import { countingSource } from '../../bytes/counting.ts';
import type { MetaItem } from '../../model/state-dict.ts';
import type { Document } from '../document.ts';
import { openFiles } from '../open.ts';
import { describeTokeniser, readTokeniser } from './tokeniser.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/gguf-tokens');

async function open(name: string): Promise<Document> {
  const bytes = new Uint8Array(readFileSync(join(FIXTURES, `${name}.gguf`)));
  const { documents } = await openFiles([{ id: `${name}.gguf`, source: bufferSource(bytes, `${name}.gguf`) }]);
  return documents[0]!;
}

/** With other metadata: undefined takes an item away. */
function change(document: Document, changes: Readonly<Record<string, MetaItem['value'] | undefined>>): Document {
  const { metadata } = document.state;
  const kept = metadata.filter(({ key }) => !(key in changes));
  const added = Object.entries(changes).flatMap(([key, value]) =>
    value ? [{ section: metadata[0]!.section, key, value }] : [],
  );
  return { ...document, state: { ...document.state, metadata: [...kept, ...added] } };
}
const text = (value: string) => ({ kind: 'string', value }) as const;

const goldenOf = (name: string) => JSON.parse(readFileSync(join(FIXTURES, `${name}.gguf.json`), 'utf8'));

interface Case {
  readonly text: string;
  readonly ids: readonly number[];
  readonly decoded: string;
}

test.each([
  ['sentence-pieces', 'llama'],
  ['spaced-pieces', 'llama'],
  ['merged-pieces', 'gemma4'],
  ['unigram', 't5'],
  ['word-pieces-bert', 'bert'],
  ['word-pieces-bert-cased', 'bert'],
])('%s make the tokens of the library that they come from, and its text of them', async (name, way) => {
  const { entries, size } = goldenOf(name) as { entries: readonly Case[]; size: number };
  const document = await open(name);
  expect(await describeTokeniser(document)).toEqual({ kind: 'gguf', size, way, example: 'The statement' });
  const tokeniser = (await readTokeniser(document))!;
  expect(tokeniser.size).toBe(size);
  expect(entries.length).toBeGreaterThan(30);
  for (const { text, ids, decoded } of entries) {
    expect(tokeniser.encode(text), JSON.stringify(text)).toEqual(ids);
    expect(tokeniser.decode(ids), JSON.stringify(text)).toBe(decoded);
  }
});

interface Cut {
  readonly pre: string;
  readonly ids: readonly (readonly number[])[];
  readonly decoded?: readonly string[];
}

test.each((goldenOf('byte-level').entries as readonly Cut[]).map((entry) => [entry.pre, entry] as const))(
  'bytes cut as %s does make the tokens of the library',
  async (pre, { ids, decoded }) => {
    const { texts, size } = goldenOf('byte-level') as { texts: readonly string[]; size: number };
    const document = change(await open('byte-level'), { 'tokenizer.ggml.pre': text(pre) });
    expect(await describeTokeniser(document)).toEqual({ kind: 'gguf', size, way: pre, example: 'The statement' });
    const tokeniser = (await readTokeniser(document))!;
    for (const [i, written] of texts.entries()) {
      expect(tokeniser.encode(written), JSON.stringify(written)).toEqual(ids[i]);
      if (decoded) expect(tokeniser.decode(ids[i]!), JSON.stringify(written)).toBe(decoded[i]);
    }
  },
);

test.each([
  ['byte-level', ' 日 ☃', [' ', '日', ' ', '<0xE2>', '<0x98>', '<0x83>'], '<|end|>'],
  ['sentence-pieces', 'the ☃', [' the', ' ', '<0xE2>', '<0x98>', '<0x83>'], '</s>'],
  ['spaced-pieces', 'a   b', ['a', '   ', 'b'], '<eos>'],
  ['word-pieces-bert', 'tensors', ['tensors'], '[SEP]'],
])('tokens of %s are called what they stand for', async (name, written, names, special) => {
  const tokeniser = (await readTokeniser(await open(name)))!;
  const called = tokeniser.encode(written).map((id) => tokeniser.name(id)!);
  expect(called.join(' ')).toContain(names.join(' '));
  const all = Array.from({ length: tokeniser.size }, (_, id) => tokeniser.name(id));
  expect(all).toContain(special);
  expect(tokeniser.name(tokeniser.size)).toBeUndefined();
});

test('half of a character that has two is a character that is none', async () => {
  for (const name of ['byte-level', 'sentence-pieces', 'word-pieces-bert']) {
    const tokeniser = (await readTokeniser(await open(name)))!;
    expect(tokeniser.encode('a\ud83dz')).toEqual(tokeniser.encode('a\ufffdz'));
  }
});

test('lists are read when the first text needs them, and once', async () => {
  const bytes = new Uint8Array(readFileSync(join(FIXTURES, 'byte-level.gguf')));
  const source = countingSource(bufferSource(bytes, 'model.gguf'));
  const { documents } = await openFiles([{ id: 'model.gguf', source }]);
  const document = documents[0]!;
  const opened = source.bytesRead;
  await describeTokeniser(document);
  // To see that its tokens are no single characters, the first are looked at.
  const described = source.bytesRead - opened;
  expect(described).toBeLessThan(4000);
  const [one, two] = await Promise.all([readTokeniser(document), readTokeniser(document)]);
  expect(one).toBe(two);
  const read = source.bytesRead;
  expect(read - opened - described).toBeGreaterThan(20_000);
  expect(await readTokeniser({ ...document, name: 'renamed' })).toBe(one);
  expect(source.bytesRead - read).toBeLessThan(4000);
  // Metadata that are edited are read again.
  expect(await readTokeniser(change(document, { 'tokenizer.ggml.pre': text('gpt-2') }))).not.toBe(one);
});

describe('what the file does not say', () => {
  const idsOf = async (document: Document, written: string) => (await readTokeniser(document))!.encode(written);

  test('a way of cutting that is not known is told, and the usual one taken', async () => {
    const document = await open('byte-level');
    const unknown = change(document, { 'tokenizer.ggml.pre': text('zz-9'), 'general.architecture': text('zz') });
    const { assumed } = (await describeTokeniser(unknown))!;
    expect(assumed).toMatch(/"zz-9".*not known here.*"llama-bpe"/);
    // Of the usual way only how it cuts: no token in front.
    const usual = await idsOf(document, 'x 1998');
    expect(await idsOf(unknown, 'x 1998')).toEqual(usual.slice(1));
  });

  test.each([
    ['llama', 'llama-bpe'],
    ['qwen2', 'qwen2'],
    ['falcon', 'falcon'],
    ['toString', 'llama-bpe'],
  ])('a file of the family %s that says nothing is cut as %s', async (family, pre) => {
    const document = await open('byte-level');
    const silent = change(document, { 'tokenizer.ggml.pre': undefined, 'general.architecture': text(family) });
    expect((await describeTokeniser(silent))?.assumed).toContain(`as "${pre}" does`);
    const named = change(document, { 'tokenizer.ggml.pre': text(pre) });
    const written = 'In 1998, e\u0301 [1,234] models';
    const drop = family === 'toString' ? 1 : 0;
    expect(await idsOf(silent, written)).toEqual((await idsOf(named, written)).slice(drop));
  });

  test('tokens in front and behind follow the flags of the file', async () => {
    const document = await open('sentence-pieces');
    const flag = (value: boolean) => ({ kind: 'bool', value }) as const;
    const plain = change(document, {
      'tokenizer.ggml.add_bos_token': flag(false),
      'tokenizer.ggml.add_space_prefix': flag(false),
    });
    const framed = change(document, { 'tokenizer.ggml.add_eos_token': flag(true) });
    expect((await idsOf(document, 'the')).length).toBe(2);
    expect(await idsOf(framed, 'the')).toEqual([...(await idsOf(document, 'the')), 2]);
    const [tokeniser, ids] = [(await readTokeniser(plain))!, await idsOf(plain, 'the the')];
    expect(ids.map(tokeniser.name)).toEqual(['t', 'he', ' the']);
    expect(tokeniser.decode(ids)).toBe('the the');
  });
});

describe('what is refused', () => {
  const refusal = async (document: Document) => {
    const error = await readTokeniser(document).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StateglassError);
    return (error as StateglassError).info;
  };

  test('kinds that are not known', async () => {
    const document = change(await open('byte-level'), { 'tokenizer.ggml.model': text('rwkv') });
    expect(await refusal(document)).toMatchObject({ kind: 'unsupported', detail: expect.stringContaining('"rwkv"') });
    await expect(describeTokeniser(document)).rejects.toThrow('"rwkv"');
  });

  test('bytes without merges', async () => {
    const document = change(await open('byte-level'), { 'tokenizer.ggml.merges': undefined });
    expect(await refusal(document)).toMatchObject({ detail: expect.stringContaining('no merges') });
  });

  test('a vocabulary without tokens, and one that is no list', async () => {
    for (const value of [{ kind: 'array', items: [] } as const, text('the')]) {
      const document = change(await open('sentence-pieces'), { 'tokenizer.ggml.tokens': value });
      expect(await refusal(document)).toMatchObject({
        kind: 'unsupported',
        detail: expect.stringContaining('no tokens'),
      });
    }
  });

  test('tokens longer than any', async () => {
    const long = text('x'.repeat(LIMITS.tokenCharacters + 1));
    const document = change(await open('unigram'), { 'tokenizer.ggml.tokens': { kind: 'array', items: [long, long] } });
    expect(await refusal(document)).toMatchObject({ kind: 'limit', limit: 'tokenCharacters' });
  });

  test('names of JavaScript are tokens like others', async () => {
    const tokens = ['<unk>', '<s>', '</s>', '__proto__', 'constructor', '', '', '▁', 'a', 'a'].map(text);
    const document = change(await open('sentence-pieces'), {
      'tokenizer.ggml.tokens': { kind: 'array', items: tokens },
      'tokenizer.ggml.token_type': undefined,
      'tokenizer.ggml.scores': undefined,
    });
    const tokeniser = (await readTokeniser(document))!;
    expect(tokeniser.name(3)).toBe('__proto__');
    expect(tokeniser.encode('a')).toEqual([1, 7, 8]);
  });
});
