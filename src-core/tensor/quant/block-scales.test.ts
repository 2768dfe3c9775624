import { expect, test } from 'vitest';
import { type BlockDType, blockOf, DTYPE_ORDER, isBlockDType } from '../dtype.ts';
import { loadDecoder } from './decode-blocks.ts';
import { loadBlockScales } from './load-scales.ts';

/** Codes of a type, of which the numbers are multiples: whole numbers, but for points of codebooks, which may be moved by 1/8. */
const isWholeMultiple = (value: number, step: number, dtype: BlockDType): boolean => {
  const times = (value / step) * (dtype.startsWith('iq1') ? 8 : dtype.endsWith('fp4') ? 2 : 1);
  return Math.abs(times - Math.round(times)) < 1e-3;
};

/** Blocks whose scales differ from part to part. */
function makeBlocks(dtype: BlockDType): Uint8Array<ArrayBuffer> {
  let x = 7;
  const bytes = Uint8Array.from({ length: 8 * blockOf(dtype).bytes }, () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x;
  });
  // No scale is infinite, wherever it lies.
  return bytes.map((byte) => byte & 0xbb);
}

test.each(DTYPE_ORDER.filter(isBlockDType))('%s: numbers are multiples of the scales of their parts', async (dtype) => {
  const bytes = makeBlocks(dtype);
  const { elements } = blockOf(dtype);
  const numbers = new Float32Array(8 * elements);
  (await loadDecoder(dtype))(bytes, 8, numbers);
  const scales = await loadBlockScales(dtype, bytes);
  expect(scales.length).toBe(8);
  const wrong: number[] = [];
  for (const [block, { parts, scale = 0, offset }] of scales.entries()) {
    const list = parts ?? [{ scale, ...(offset !== undefined && { offset }) }];
    for (let i = 0; i < elements; i++) {
      const part = list[Math.floor((i * list.length) / elements)]!;
      const rest = numbers[block * elements + i]! - (part.offset ?? 0);
      if (part.scale === 0 ? Math.abs(rest) > 1e-6 : !isWholeMultiple(rest, part.scale, dtype)) wrong.push(i);
    }
  }
  expect(wrong).toEqual([]);
});

test('scales of big-endian blocks', async () => {
  const bytes = makeBlocks('q4_k');
  const swapped = bytes.slice();
  for (let at = 0; at < swapped.length; at += 144) {
    swapped.subarray(at, at + 2).reverse();
    swapped.subarray(at + 2, at + 4).reverse();
  }
  expect(await loadBlockScales('q4_k', swapped, 'big')).toEqual(await loadBlockScales('q4_k', bytes));
});
