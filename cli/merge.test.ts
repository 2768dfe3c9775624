import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fixture, hashFile, ROOT, readSafetensors, stateglass, temporaryFolder } from './stateglass.fixture.ts';

const temporary = temporaryFolder();
const tiny = fixture('safetensors/tiny.safetensors');
const example = (name: string) => join(ROOT, 'public/examples', name);

/** The fixture with tensors set to a constant. */
async function withValues(name: string, values: Readonly<Record<string, number>>): Promise<string> {
  let from = tiny;
  for (const [key, value] of Object.entries(values)) {
    const to = temporary(name);
    await stateglass('set', from, key, String(value), '--slice', ':', '-o', to, '--force');
    from = to;
  }
  return from;
}

test('a merge with a base, its conflicts and what decides them', async () => {
  const a = await withValues('a.safetensors', { 'h.0.bias': 1, 'h.1.bias': 1 });
  const b = await withValues('b.safetensors', { 'h.1.bias': 3, 'h.2.bias': 3 });
  const out = temporary('merged.safetensors');
  const args = ['merge', a, b, '--base', tiny, '-o', out];
  const open = await stateglass(...args);
  expect([open.code, existsSync(out)]).toEqual([1, false]);
  expect(open.out).toBe(
    "h.1.bias: both changed it, each in its own way\n1 conflict, nothing written. --take 'QUERY=a' (b, base, average, weighted:0.3) decides.\n",
  );
  const json = await stateglass(...args, '--json');
  expect(json.code).toBe(1);
  expect(JSON.parse(json.out)).toMatchObject({
    output: null,
    conflicts: [{ key: 'h.1.bias', kind: 'changed' }],
    counts: { a: 1, b: 1, conflict: 1 },
  });
  const done = await stateglass(...args, '--average', '--recipe', temporary('recipe.json'));
  expect([done.code, done.err]).toEqual([0, '']);
  const [was, is] = [readSafetensors(tiny), readSafetensors(out)];
  const floats = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer).toString('hex');
  expect(is).toEqual({
    metadata: was.metadata,
    tensors: {
      ...was.tensors,
      'h.0.bias': `F32 4 ${floats(1, 1, 1, 1)}`,
      'h.1.bias': `F32 4 ${floats(2, 2, 2, 2)}`,
      'h.2.bias': `F32 4 ${floats(3, 3, 3, 3)}`,
    },
  });
  // The recipe is the merge: it finds the other file beside it.
  const again = temporary('again.safetensors');
  expect(await stateglass('replay', temporary('recipe.json'), a, '-o', again)).toMatchObject({ code: 0 });
  expect(hashFile(again)).toBe(hashFile(out));
});

test('without a base what differs has to be decided: an average of two epochs', async () => {
  const files = [example('digits-epoch1.pt'), example('digits-final.safetensors')] as const;
  const out = temporary('soup.pt');
  expect(await stateglass('merge', ...files, '-o', out)).toMatchObject({ code: 1 });
  const args = ['merge', ...files, '--take', '*.bias=a', '--average', '-o', out];
  const { code, err } = await stateglass(...args);
  expect([code, err]).toEqual([0, '']);
  const numbers = async (file: string, key: string) =>
    JSON.parse((await stateglass('show', file, key, '--slice', '0', '--json')).out).values.flat(9) as number[];
  const [a, b, soup] = await Promise.all([...files, out].map((file) => numbers(file, 'features.0.weight')));
  expect(soup).toEqual(a!.map((value, i) => Math.fround((value + b![i]!) / 2)));
  const bias = await Promise.all([files[0], out].map((file) => stateglass('show', file, 'features.0.bias')));
  expect(bias[1]!.out).toBe(bias[0]!.out);
});

test.each([
  [['--take', 'x=c'], /"x=c" is no choice: QUERY=a, b, base/],
  [['--take', '*=base'], /there is no base/],
  [['--metadata', 'c'], /--metadata takes a, b or base/],
  [['--lora', 'much'], /--lora takes a number/],
  [['--base', 'nowhere.pt'], /nowhere\.pt/],
])('what cannot be done: %j', async (more, words) => {
  const out = temporary('nothing.safetensors');
  const { code, err } = await stateglass('merge', tiny, tiny, '-o', out, ...more);
  expect([code, existsSync(out)]).toEqual([2, false]);
  expect(err).toMatch(words);
});
