import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import { readMetadataItems } from './metadata-lists.ts';
import { openFiles } from './open.ts';
import { describeVocabulary, readVocabulary, searchVocabulary } from './vocabulary.ts';

async function open(path: string) {
  const bytes = Uint8Array.from(readFileSync(join(import.meta.dirname, '../fixtures', path)));
  return (await openFiles([{ id: path, source: bufferSource(bytes, path) }])).documents[0]!;
}

test('a tokenizer in the metadata is described with the texts of its special tokens', async () => {
  const document = await open('gguf/chat.gguf');
  expect(await describeVocabulary(document)).toEqual({
    model: 'llama',
    pre: 'default',
    tokens: 348,
    merges: 324,
    special: [
      { name: 'unknown', id: 0, token: '<unk>' },
      { name: 'bos', id: 1, token: '<s>' },
      { name: 'eos', id: 3, token: '<|end|>' },
    ],
    flags: [{ name: 'add_bos_token', value: true }],
    hasScores: true,
    hasTypes: true,
  });
  expect(await describeVocabulary(await open('gguf/aligned.gguf'))).toBeUndefined();
});

test('tokens come by page, with what they stand for, their scores and types', async () => {
  const document = await open('gguf/chat.gguf');
  expect(await readVocabulary(document, 344, 10)).toEqual([
    { id: 344, token: '▁the', text: ' the', score: '-340.0', type: 'normal' },
    { id: 345, token: 'Ġthe', score: '-341.0', type: 'normal' },
    { id: 346, token: '🧠', score: '-342.0', type: 'normal' },
    { id: 347, token: '\n', score: '-343.0', type: 'normal' },
  ]);
  expect((await readVocabulary(document, 1, 3)).map(({ type }) => type)).toEqual([
    'control',
    'control',
    'user defined',
  ]);
});

test('a search finds tokens by what is stored and by what they stand for', async () => {
  const document = await open('gguf/chat.gguf');
  expect(await searchVocabulary(document, 'THE')).toEqual([344, 345]);
  expect(await searchVocabulary(document, ' the')).toEqual([344]);
  expect(await searchVocabulary(document, 'nowhere')).toEqual([]);
});

test('items of short lists are had in the same way as those of long ones', async () => {
  const tiny = await open('gguf/tiny.gguf');
  const items = await readMetadataItems(tiny, { section: 'metadata', key: 'every.list.str' }, 1, 5);
  expect(items).toEqual([
    { kind: 'string', value: '' },
    { kind: 'string', value: 'ü' },
  ]);
  await expect(readMetadataItems(tiny, { section: 'metadata', key: 'every.u8' }, 0, 1)).rejects.toThrow('is no list');
});
