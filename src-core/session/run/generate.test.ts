import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ortRunner } from '../../../cli/ort.ts';
import { bufferSource } from '../../bytes/buffer.ts';
import { nodeSource } from '../../bytes/node.ts';
import { buildTree } from '../../model/tree.ts';
import { applyEdit, moveCursor, startEditing } from '../edits.ts';
import { openFiles } from '../open.ts';
import { readEndTokens } from './end-tokens.ts';
import { type GeneratedToken, type GenerateRequest, generateTokens } from './generate.ts';
import { openCase } from './module-case.fixture.ts';
import { ModuleRuns } from './module-runs.ts';
import { recordRunner } from './recording-runner.fixture.ts';

const runner = await ortRunner(1);
const runs = new ModuleRuns(runner);
const readJson = (path: string) => JSON.parse(readFileSync(`src-core/fixtures/${path}`, 'utf8'));
const golden = readJson('generation/char-gpt.json');

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

test('a text ends where transformers ends it, unless it is told to go on', async () => {
  const { promptTokens: prompt, tokens, end, ended, endedByOneOf } = readJson('generation/gpt2-end.json');
  const generateWith = async (eos_token_id: unknown, ignoreEnd: boolean) => {
    const { golden, document, tree, node } = await openCase('gpt2');
    const config = Buffer.from(JSON.stringify({ ...golden.config, eos_token_id }));
    const { documents } = await openFiles([
      { id: 'model.safetensors', source: document.files.values().next().value! },
      { id: 'config.json', source: bufferSource(config, 'config.json') },
    ]);
    const made: GeneratedToken[] = [];
    const request = { node, prompt, count: tokens.length, ignoreEnd };
    for await (const token of generateTokens(documents[0]!, tree, request, runs)) made.push(token);
    return { ids: made.map(({ id }) => id), ends: made.map(({ ends }) => ends === true) };
  };
  const isLast = ended.map((_: number, i: number) => i === ended.length - 1);
  expect(await generateWith(end, false)).toEqual({ ids: ended, ends: isLast });
  expect(await generateWith([39, end], false)).toEqual({ ids: endedByOneOf, ends: isLast });
  expect((await generateWith(null, false)).ids).toEqual(tokens);
  expect((await generateWith(end, true)).ids).toEqual(tokens);
});

test('the end of a text is the token that gguf-py wrote as such', async () => {
  const end = async (name: string) => {
    const source = await nodeSource(`src-core/fixtures/${name}`);
    return [...(await readEndTokens((await openFiles([{ id: name, source }])).documents[0]!))];
  };
  expect(await end('modules/llama-q8_0.gguf')).toEqual([0]);
  expect(await end('gguf/chat.gguf')).toEqual([3]);
  expect(await end('gguf/tiny.gguf')).toEqual([]);
});
