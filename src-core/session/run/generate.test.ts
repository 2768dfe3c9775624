import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ortRunner } from '../../../cli/ort.ts';
import { nodeSource } from '../../bytes/node.ts';
import { buildTree } from '../../model/tree.ts';
import { applyEdit, moveCursor, startEditing } from '../edits.ts';
import { openFiles } from '../open.ts';
import { type GeneratedToken, type GenerateRequest, generateTokens } from './generate.ts';
import { ModuleRuns } from './module-runs.ts';
import { recordRunner } from './recording-runner.fixture.ts';

const runner = await ortRunner(1);
const runs = new ModuleRuns(runner);
const golden = JSON.parse(readFileSync('src-core/fixtures/generation/char-gpt.json', 'utf8'));

async function generate(request: Omit<GenerateRequest, 'node'>, signal?: AbortSignal): Promise<GeneratedToken[]> {
  const source = await nodeSource('public/examples/char-gpt.safetensors');
  const { documents } = await openFiles([{ id: 'gpt', source }]);
  const tree = buildTree(documents[0]!.state.entries.columns());
  const made: GeneratedToken[] = [];
  for await (const token of generateTokens(documents[0]!, tree, { node: 0, ...request }, runs, signal))
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

test('the model stays started for the next text; after an edit it is another, and the first again when it is undone', async () => {
  const { runner: recording, started, read } = await recordRunner();
  const own = new ModuleRuns(recording);
  const source = await nodeSource('public/examples/char-gpt.safetensors');
  const document = startEditing((await openFiles([{ id: 'gpt', source }])).documents[0]!);
  const tree = buildTree(document.state.entries.columns());
  const ids = async (of: typeof document): Promise<number[]> => {
    const made: number[] = [];
    const request = { node: 0, prompt: golden.promptTokens, count: 3 };
    for await (const { id } of generateTokens(of, tree, request, own)) made.push(id);
    return made;
  };
  expect(await ids(document)).toEqual(golden.tokens.slice(0, 3));
  const weights = read.length;
  expect(await ids(document)).toEqual(golden.tokens.slice(0, 3));
  expect(started).toHaveLength(1);
  const names = document.state.entries;
  const key = Array.from({ length: names.length }, (_, i) => names.at(i).key).find((name) =>
    /ln_f\.bias$|norm\.bias$/.test(name),
  )!;
  const edited = applyEdit(document, { op: 'set-elements', args: { key, slice: ':', values: 9 } });
  expect(await ids(edited)).not.toEqual(golden.tokens.slice(0, 3));
  expect(started).toHaveLength(2);
  // All weights are still there, and the edited one is changed where it is.
  expect(read).toHaveLength(weights);
  expect(await ids(moveCursor(edited, 0))).toEqual(golden.tokens.slice(0, 3));
  expect(started).toHaveLength(2);
});
