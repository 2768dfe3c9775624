import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contiguousStrides } from './layout.ts';
import { formatSlice, parseSlice, type Slice, sliceShape } from './slice.ts';

interface Row {
  readonly shape: number[];
  readonly text: string;
  /** Shape and flat positions; null where NumPy raises. */
  readonly taken: [number[], number[]] | null;
}

const FIXTURES = join(import.meta.dirname, '../fixtures/slices');
const rows: Row[] = readFileSync(join(FIXTURES, 'texts.txt'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));

function positions(slice: Slice, shape: readonly number[]): number[] {
  const strides = contiguousStrides(shape);
  let found = [0];
  slice.forEach((item, axis) => {
    const at =
      item.kind === 'index' ? [item.at] : Array.from({ length: item.count }, (_, i) => item.start + i * item.step);
    found = found.flatMap((base) => at.map((index) => base + index * strides[axis]!));
  });
  return found;
}

const attempt = (text: string, shape: readonly number[]): Slice | undefined => {
  try {
    return parseSlice(text, shape);
  } catch (error) {
    expect(error).toMatchObject({ info: { kind: 'bad-input' } });
    return undefined;
  }
};

it('takes the positions that NumPy takes, and refuses what NumPy refuses', () => {
  expect(rows.filter(({ taken }) => taken).length).toBeGreaterThan(200);
  expect(rows.filter(({ taken }) => !taken).length).toBeGreaterThan(100);
  for (const { shape, text, taken } of rows) {
    const slice = attempt(text, shape);
    const got = slice && [sliceShape(slice), positions(slice, shape)];
    expect(got, `[${text}] of (${shape})`).toEqual(taken ?? undefined);
    if (!slice) continue;
    expect(parseSlice(formatSlice(slice, shape), shape), `[${text}] of (${shape}) again`).toEqual(slice);
  }
});

describe('what cannot be read', () => {
  it.each([
    ['0, x', 3, 'not a position'],
    ['0,, 1', 2, 'missing'],
    ['1:2:3:4', 0, 'start:stop:step'],
    ['0, 1:2.5', 5, 'whole number'],
    ['..., 0, ...', 8, 'once'],
    ['0, 0, 0, 0', 9, '4 positions'],
    ['0, 3', 3, 'dimension 1, which has 3 elements'],
    ['[-3]', 1, 'dimension 0'],
    ['::0', 0, 'step'],
    ['None', 0, 'not a position'],
    ['[0', 0, 'not a position'],
  ])('%s: says where and why', (text, at, words) => {
    const shape = text.startsWith('0, 0') ? [2, 3, 4] : [2, 3];
    expect(() => parseSlice(text, shape)).toThrow(expect.objectContaining({ info: expect.objectContaining({ at }) }));
    expect(() => parseSlice(text, shape)).toThrow(words);
  });
});

it('is written short', () => {
  const write = (text: string, shape: number[]) => formatSlice(parseSlice(text, shape), shape);
  expect(write('', [2, 3])).toBe(':,:');
  expect(write('[0, :, 2:5]', [4, 3, 9])).toBe('0,:,2:5');
  expect(write('..., ::-1', [4, 3])).toBe(':,2::-1');
});
