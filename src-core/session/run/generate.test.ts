import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ortRunner } from '../../../cli/ort.ts';
import { nodeSource } from '../../bytes/node.ts';
import { buildTree } from '../../model/tree.ts';
import { openFiles } from '../open.ts';
import { type GeneratedToken, type GenerateRequest, generateTokens } from './generate.ts';

const runner = await ortRunner(1);
const golden = JSON.parse(readFileSync('src-core/fixtures/generation/char-gpt.json', 'utf8'));

async function generate(request: Omit<GenerateRequest, 'node'>, signal?: AbortSignal): Promise<GeneratedToken[]> {
  const source = await nodeSource('public/examples/char-gpt.safetensors');
  const { documents } = await openFiles([{ id: 'gpt', source }]);
  const tree = buildTree(documents[0]!.state.entries.columns());
  const made: GeneratedToken[] = [];
  for await (const token of generateTokens(documents[0]!, tree, { node: 0, ...request }, runner, signal))
    made.push(token);
  return made;
}

test('the likeliest tokens are those of PyTorch, each with its share', async () => {
  const made = await generate({ prompt: golden.promptTokens, count: 20 });
  expect(made.map(({ id }) => id)).toEqual(golden.tokens.slice(0, 20));
  for (const { share } of made) expect(share).toBeGreaterThan(1 / 200);
});

test('what is drawn is drawn again by the same seed, and is another text by another', async () => {
  const draw = async (seed: number) =>
    (await generate({ prompt: golden.promptTokens, count: 12, temperature: 1, seed })).map(({ id }) => id);
  const first = await draw(1);
  expect(await draw(1)).toEqual(first);
  expect(await draw(2)).not.toEqual(first);
});

test('a text longer than the positions the model knows goes on', async () => {
  const prompt = Array.from({ length: 120 }, (_, i) => golden.promptTokens[i % golden.promptTokens.length]);
  expect(await generate({ prompt, count: 30 })).toHaveLength(30);
});

test('it stops when it is told to, and refuses what is no temperature', async () => {
  const controller = new AbortController();
  controller.abort();
  await expect(generate({ prompt: [1], count: 5 }, controller.signal)).rejects.toThrow('cancelled');
  await expect(generate({ prompt: [1], count: 5, temperature: -1 })).rejects.toThrow('a temperature is 0 or more');
});
