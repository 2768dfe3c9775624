import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ortRunner } from '../../../cli/ort.ts';
import { nodeSource } from '../../bytes/node.ts';
import { findNode } from '../../model/find-node.ts';
import { buildTree } from '../../model/tree.ts';
import type { Document } from '../document.ts';
import { openFiles } from '../open.ts';
import { correctionsOf, type ModuleGolden, openCase, runCase } from './module-case.fixture.ts';
import { ModuleRuns } from './module-runs.ts';
import { TokenSteps } from './token-steps.ts';

const runner = await ortRunner(1);
const runs = new ModuleRuns(runner);
const likeliest = (logits: Float32Array): number => logits.indexOf(Math.max(...logits));

async function openExample(name: string) {
  const { documents } = await openFiles([{ id: name, source: await nodeSource(`public/examples/${name}`) }]);
  const document = documents[0]!;
  return { document, tree: buildTree(document.state.entries.columns()) };
}

/** As files have it that carry their config. */
function withConfig(document: Document, config: ModuleGolden['config']): Document {
  const item = { section: '', key: 'config', value: { kind: 'string', value: JSON.stringify(config) } } as const;
  return { ...document, state: { ...document.state, metadata: [item] } };
}

test('the character GPT goes on as PyTorch does, for 100 characters', async () => {
  const golden = JSON.parse(readFileSync('src-core/fixtures/generation/char-gpt.json', 'utf8'));
  const { document, tree } = await openExample('char-gpt.safetensors');
  const steps = await TokenSteps.start(document, tree, { node: 0 }, runs);
  let logits = await steps.take(golden.promptTokens);
  const tokens = [likeliest(logits)];
  while (tokens.length < golden.tokens.length) {
    logits = await steps.take([tokens.at(-1)!]);
    tokens.push(likeliest(logits));
  }
  expect(tokens).toEqual(golden.tokens);
  for (const [i, value] of golden.logits.entries()) expect(logits[i]).toBeCloseTo(value, 3);
  await steps.release();
});

const MODELS = [
  'gpt2',
  'llama',
  'llama-gguf',
  'qwen3',
  'phi3',
  'gemma2',
  'gemma3',
  'olmo2',
  'mixtral',
  'qwen3-moe',
  'gpt-neox',
  'gptj',
];

test.each(MODELS)('%s in steps gives what it gives at once', async (name) => {
  const { golden, inputs, document, tree, node, ...rest } = await openCase(name);
  const { outputs } = await runCase({ golden, inputs, document, tree, node, ...rest }, runner, {
    assume: golden.assume,
  });
  const { data, shape } = inputs.tokens as { data: BigInt64Array; shape: readonly number[] };
  const ids = [...data.subarray(0, shape[1])].map(Number);
  const all = outputs.logits!.data as Float32Array;
  const vocabulary = outputs.logits!.shape[2]!;
  const corrections = correctionsOf(golden.assume);
  const steps = await TokenSteps.start(withConfig(document, golden.config), tree, { node, corrections }, runs);
  let done = 0;
  // A prompt, two tokens at once, then one by one.
  for (const count of [3, 2, 1, 1]) {
    const logits = await steps.take(ids.slice(done, done + count));
    done += count;
    expect(steps.length).toBe(done);
    const want = all.subarray((done - 1) * vocabulary, done * vocabulary);
    for (let i = 0; i < vocabulary; i++) expect(Math.abs(logits[i]! - want[i]!)).toBeLessThan(1e-4);
  }
  steps.clear();
  const again = await steps.take(ids.slice(0, 1));
  for (let i = 0; i < vocabulary; i++) expect(Math.abs(again[i]! - all[i]!)).toBeLessThan(1e-4);
  await steps.release();
});

test('what it cannot take is refused with a sentence', async () => {
  const { document, tree } = await openExample('char-gpt.safetensors');
  const steps = await TokenSteps.start(document, tree, { node: 0 }, runs);
  expect(steps.most).toBe(128);
  await expect(steps.take([])).rejects.toThrow('no token to begin with');
  await expect(steps.take([0, 1, 9999])).rejects.toThrow('token 9999 is not below');
  await steps.take(Array.from({ length: 120 }, () => 1));
  await expect(steps.take(Array.from({ length: 9 }, () => 1))).rejects.toThrow('knows 128 positions');
  await steps.release();
  const digits = await openExample('digits-final.safetensors');
  const layer = { node: findNode(digits.tree, 'classifier.3')! };
  const start = TokenSteps.start(digits.document, digits.tree, layer, runs);
  await expect(start).rejects.toThrow('a Linear does not tell which token comes next');
});
