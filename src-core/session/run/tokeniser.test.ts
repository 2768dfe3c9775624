import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bufferSource } from '../../bytes/buffer.ts';
import { buildTree } from '../../model/tree.ts';
import type { Document } from '../document.ts';
import { openFiles } from '../open.ts';
import { describeRun, isOverTokens, type RunDescription } from './describe-run.ts';
import { describeTokeniser, readTokeniser, requireTokeniser } from './tokeniser.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const bytesOf = (path: string) => new Uint8Array(readFileSync(join(FIXTURES, path)));
const config = JSON.stringify(JSON.parse(readFileSync(join(FIXTURES, 'modules/gpt2.json'), 'utf8')).config);

/** A model in a folder with its config, and whatever else lies there. */
async function openModel(beside: Readonly<Record<string, Uint8Array<ArrayBuffer> | string>>): Promise<Document> {
  const files = { 'model.safetensors': bytesOf('modules/gpt2.safetensors'), 'config.json': config, ...beside };
  const { documents } = await openFiles(
    Object.entries(files).map(([name, content]) => ({
      id: `gpt/${name}`,
      source: bufferSource(typeof content === 'string' ? new TextEncoder().encode(content) : content, name),
    })),
  );
  return documents[0]!;
}

const describe = async (document: Document, node = 0) =>
  (await describeRun(document, buildTree(document.state.entries.columns()), { node })) as RunDescription;

test('the tokenizer.json beside a model is its tokeniser, and not its settings', async () => {
  const document = await openModel({
    'tokenizer.json': bytesOf('tokens/forty/tokenizer.json'),
    'tokenizer_config.json': '{"tokenizer_class": "GPT2Tokenizer"}',
  });
  const { tokeniser, outputs } = await describe(document);
  expect(tokeniser).toEqual({
    kind: 'tokenizer.json',
    size: 37,
    file: 'gpt/tokenizer.json',
    example: 'The statement',
  });
  // The table of the model has 40 words, three more than the tokeniser.
  expect(
    isOverTokens({ inputs: (await describe(document)).inputs, tokeniser: tokeniser! }, outputs[0]!.shape as number[]),
  ).toBe(true);
  const read = await readTokeniser(document);
  expect(read?.encode('the statement').map(read.name)).toEqual(['the', ' statement']);
  // What was read once is not read again, whatever is edited meanwhile.
  expect(await readTokeniser({ ...document, name: 'edited' })).toBe(read);
});

test('a model without a tokeniser says so', async () => {
  const document = await openModel({});
  expect(await readTokeniser(document)).toBeUndefined();
  expect((await describe(document)).tokeniser).toBeUndefined();
  await expect(requireTokeniser(document)).rejects.toThrow('there is no tokenizer.json beside it');
});

test('a damaged tokeniser keeps nothing from being run', async () => {
  const document = await openModel({ 'tokenizer.json': '{"version": "1.0", "model": 3}' });
  const { kind, tokeniser, tokeniserError } = await describe(document);
  expect(kind).toBe('GPT-2');
  expect(tokeniser).toBeUndefined();
  expect(tokeniserError).toMatchObject({ kind: 'malformed', detail: 'it has no model' });
});

test('a vocabulary of characters has an example of its own', async () => {
  const source = bufferSource(new Uint8Array(readFileSync('public/examples/char-gpt.safetensors')), 'char-gpt');
  const { documents } = await openFiles([{ id: 'char-gpt.safetensors', source }]);
  const facts = await describeTokeniser(documents[0]!);
  expect(facts).toMatchObject({ kind: 'characters', example: 'The statement ' });
  const tokeniser = await requireTokeniser(documents[0]!);
  expect(tokeniser.decode(tokeniser.encode('The statement '))).toBe('The statement ');
  expect(() => tokeniser.encode('日')).toThrow(`"日" is not in the vocabulary of ${facts!.size} characters`);
});
