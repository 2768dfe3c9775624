import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ByteSource, findKey, openFiles, parseSlice, type TensorValue } from '../src-core/index.ts';
import { nodeSource } from '../src-core/node.ts';
import { openPaths } from './open-paths.ts';
import { printArray } from './print-array.ts';
import { tensorText } from './tensor-text.ts';

const PATH = join(import.meta.dirname, '../src-core/fixtures/slices/tensors.pt');
const golden: Record<string, string> = JSON.parse(readFileSync(`${PATH}.json`, 'utf8')).printed;
const [document] = await openPaths([PATH]);

async function textOf(key: string, slice = ''): Promise<string> {
  const entry = findKey(document!, key);
  return tensorText(document!, entry, parseSlice(slice, (entry.value as TensorValue).shape), false);
}

describe('tensors are printed as NumPy prints arrays', () => {
  it.each(Object.entries(golden))('%s', async (key, printed) => {
    const text = await textOf(key);
    expect(text.slice(text.indexOf('\n') + 1)).toBe(printed);
  });
});

it('reads of a long tensor what is printed of it', async () => {
  const source = await nodeSource(PATH);
  let bytes = 0;
  const counted: ByteSource = {
    ...source,
    async read(start, end, signal) {
      bytes += end - start;
      return source.read(start, end, signal);
    },
  };
  const { documents } = await openFiles([{ id: 'tensors.pt', source: counted }]);
  const entry = findKey(documents[0]!, 'tall');
  bytes = 0;
  const text = await tensorText(documents[0]!, entry, parseSlice('', [800, 3]), false);
  expect(text).toContain('2399');
  expect(bytes).toBe(6 * 3 * 8);
});

it('prints what has no elements', async () => {
  expect(await textOf('empty')).toBe('empty  f32 [0×3]\n[] (shape 0×3)');
  expect(await textOf('four', '0, 1:1')).toContain('[] (shape 0×4×5)');
});

it('breaks long lines', () => {
  const values = Array.from({ length: 40 }, (_, i) => i + 1000);
  const text = printArray({ dtype: 'i32', shape: [40], values, cut: [false] });
  expect(text.split('\n').map((line) => line.length)).toEqual([75, 75, 51]);
});
