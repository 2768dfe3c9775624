import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { fixture, ROOT, stateglass, temporaryFolder } from './stateglass.fixture.ts';

const example = (name: string) => join(ROOT, 'public/examples', name);
const temporary = temporaryFolder();

interface Entry {
  readonly status: string;
  readonly keyA?: string;
  readonly keyB?: string;
  readonly shapeA?: readonly number[];
  readonly confidence?: number;
  readonly maxAbs?: number;
  readonly meanAbs?: number;
  readonly rms?: number;
}
const readJson = (text: string) =>
  JSON.parse(text) as { readonly summary: Readonly<Record<string, number>>; readonly entries: readonly Entry[] };

describe('a file against itself in another format is no difference', () => {
  it.each([
    ['digits-final.pt', 'digits-final.safetensors', ['--values'], 18],
    ['support-desk-before.json', 'support-desk-before.toml', [], 55],
  ])('%s and %s', async (a, b, options, same) => {
    const { code, out } = await stateglass('diff', example(a), example(b), '--json', ...options);
    expect(readJson(out)).toEqual({ summary: { same, changed: 0, added: 0, removed: 0, renamed: 0 }, entries: [] });
    expect(code).toBe(0);
  });
});

test('values that changed', async () => {
  const files = [example('digits-epoch1.pt'), example('digits-final.safetensors')];
  const structure = await stateglass('diff', ...files);
  expect(structure).toMatchObject({ code: 0, err: '' });
  expect(structure.out).toContain(
    '18 tensors, no difference of names, types and shapes\nValues of tensors were not read.',
  );
  const { code, out } = await stateglass('diff', ...files, '--values', '--json');
  const { summary, entries } = readJson(out);
  expect([code, summary]).toEqual([1, { same: 0, changed: 18, added: 0, removed: 0, renamed: 0 }]);
  expect(entries[0]).toMatchObject({
    status: 'changed',
    keyA: 'features.0.weight',
    keyB: 'features.0.weight',
    shapeA: [32, 1, 3, 3],
    dtypeA: 'f32',
    maxAbs: expect.any(Number),
    meanAbs: expect.any(Number),
    rms: expect.any(Number),
    relL2: expect.any(Number),
    cosine: expect.any(Number),
  });
  const { maxAbs, meanAbs, rms } = entries[0] as Entry;
  expect(meanAbs! < rms! && rms! < maxAbs!).toBe(true);
});

test('texts are told by line', async () => {
  const { code, out } = await stateglass(
    'diff',
    example('support-desk-before.json'),
    example('support-desk-after.json'),
  );
  expect(code).toBe(1);
  expect(out).toContain('55 entries: 7 changed, 48 the same\n');
  expect(out).toContain("    -Classify the customer's message.\n    +Read the whole message before you decide.\n");
});

test('rules pair what they rename, on the command line and in a file', async () => {
  const renamed = temporary('renamed.safetensors');
  const from = example('digits-final.safetensors');
  await stateglass('rename', from, '--rule', 's/^features\\./body./', '-o', renamed);
  await writeFile(temporary('rules.sed'), '# names of the new code\n\ns/^features\\./body./\n');
  for (const map of ['s/^features\\./body./', temporary('rules.sed')]) {
    const { code, out } = await stateglass('diff', from, renamed, '--values', '--json', '--map', map);
    const { summary, entries } = readJson(out);
    expect([code, summary.renamed, summary.same]).toEqual([1, 14, 4]);
    expect(entries.every(({ status, confidence }) => status === 'renamed' && confidence === 1)).toBe(true);
  }
});

test('what could not be compared is said, and is no claim that it is the same', async () => {
  const file = join(ROOT, 'src-core/fixtures/safetensors/unknown-dtype.safetensors');
  const { out } = await stateglass('diff', file, file, '--values');
  expect(out).toContain('2 tensors, no difference found\nValues of a tensor were not compared: F9_NEW');
  const json = await stateglass('diff', file, file, '--values', '--json');
  expect(json.err).toContain('F9_NEW');
});

describe('what cannot be done', () => {
  it.each([
    [['no-such-file.pt', example('digits-final.pt')], 'no-such-file.pt'],
    [[example('digits-final.pt'), example('digits-final.pt'), '--map', 's/(/x/'], 'is no regular expression'],
    [[example('digits-final.pt'), example('digits-final.pt'), '--json', '--md'], 'not several'],
  ])('%j', async (args, message) => {
    const { code, err } = await stateglass('diff', ...args);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

test('reports as Markdown and HTML', async () => {
  const files = [example('support-desk-before.json'), example('support-desk-after.json')];
  const markdown = await stateglass('diff', ...files, '--md');
  expect(markdown.out).toContain('**55 entries: 7 changed, 48 the same**');
  expect(markdown.out).toContain('| `triage.instructions` | `text` |');
  const html = await stateglass('diff', ...files, '--html');
  expect(html.out).toMatch(/^<!doctype html>/);
  expect(html.out).not.toMatch(/<script|src=|href=/);
});

test('diff sets a packed weight against the plain one of its name', async () => {
  const [packed, plain] = [fixture('packed/gptq.safetensors'), fixture('packed/decoded/gptq.safetensors')];
  const key = 'model.layers.2.self_attn.q_proj';
  const { entries } = JSON.parse((await stateglass('diff', packed, plain, '--values', '--json', '--all')).out);
  const pair = entries.find((one: { keyA?: string }) => one.keyA === `${key}.weight`);
  expect(pair).toMatchObject({ status: 'same', keyB: `${key}.weight`, shapeA: [32, 64], dtypeA: 'f16', maxAbs: 0 });
  const scales = entries.find((one: { keyA?: string }) => one.keyA === `${key}.scales`);
  expect(scales).toMatchObject({ status: 'removed' });
});
