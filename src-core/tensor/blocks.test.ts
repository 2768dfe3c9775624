import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openHandle } from '../bytes/open-handle.ts';
import { planTensor } from '../compute/plan.ts';
import { planCompare } from '../compute/plan-compare.ts';
import { runTask } from '../compute/run.ts';
import type { Storage, TensorValue } from '../model/state-dict.ts';
import { asBlockBytes, hasWholeBlocks } from './blocks.ts';
import { whyNotDecodable } from './decode.ts';
import { blockOf, DTYPES, dtypeLabel, isBlockDType, packedBytes } from './dtype.ts';
import { contiguousStrides } from './layout.ts';
import { wholeSlice } from './slice.ts';
import { readSlice } from './view.ts';

const noFiles = new Map();

/** Three rows of two blocks of q8_0 behind one block that is not the tensor's: block k has the scale 2^(k - 3), its element j is j - 16. */
function makeTensor(more: Partial<TensorValue> = {}): { value: TensorValue; storage: Storage } {
  const bytes = new Uint8Array(7 * 34);
  for (let block = 0; block < 7; block++) {
    new DataView(bytes.buffer).setUint16(34 * block, (15 + block - 3) << 10, true);
    for (let j = 0; j < 32; j++) bytes[34 * block + 2 + j] = j - 16;
  }
  const value: TensorValue = { type: 'tensor', dtype: 'q8_0', shape: [3, 64], offset: 32, storage: 0, ...more };
  return { value, storage: { id: 0, byteLength: bytes.length, endian: 'little', data: { kind: 'inline', bytes } } };
}

const numberAt = (element: number) => 2 ** (Math.floor(element / 32) - 3) * ((element % 32) - 16);

test('sizes are those of whole blocks', () => {
  expect(packedBytes('q4_k', 512)).toBe(288);
  expect(packedBytes('q4_k', 500)).toBe(undefined);
  expect(packedBytes('q1_0', 128)).toBe(18);
  for (const [dtype, { bits, family }] of Object.entries(DTYPES)) {
    expect(isBlockDType(dtype as never), dtype).toBe(family === 'block');
    const block = blockOf(dtype as never);
    if (block) expect(whyNotDecodable(dtype as never), dtype).toBe(undefined);
    if (block) expect((bits * block.elements) / 8, dtype).toBe(block.bytes);
  }
  expect(dtypeLabel('iq2_xxs')).toBe('IQ2_XXS');
});

test('any part of any view is read as what its blocks stand for', async () => {
  const { value, storage } = makeTensor();
  const part = fc.tuple(fc.nat(2), fc.nat(63), fc.nat(63), fc.integer({ min: 1, max: 9 }));
  await fc.assert(
    fc.asyncProperty(part, fc.boolean(), async ([row, a, b, step], isTransposed) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const range = { kind: 'range', start: low, count: Math.floor((high - low) / step) + 1, step } as const;
      const slice = [{ kind: 'index', at: row } as const, range];
      const steps = contiguousStrides(value.shape).reverse();
      const view = isTransposed ? { ...value, shape: [64, 3], strides: steps } : value;
      const { values } = await readSlice(view, storage, noFiles, isTransposed ? slice.reverse() : slice);
      const wanted = Array.from({ length: range.count }, (_, i) => numberAt(32 + 64 * row + low + i * step));
      expect([...values]).toEqual(wanted);
    }),
  );
});

test('tasks see numbers, digests see blocks', async () => {
  const { value, storage } = makeTensor();
  const stats = planTensor('stats', value, storage, noFiles);
  expect(stats.numbers.dtype).toBe('f32');
  expect(stats.bytes).toBe(3 * 64 * 4);
  // As other threads get them.
  const [partial] = await runTask(structuredClone(stats.tasks[0]!), openHandle);
  expect(partial).toMatchObject({ count: 192, min: numberAt(6 * 32), max: numberAt(7 * 32 - 1) });
  const digest = planTensor('digest', value, storage, noFiles);
  expect(digest.bytes).toBe(6 * 34);
  const stored = (storage.data as { bytes: Uint8Array<ArrayBuffer> }).bytes.subarray(34);
  const sha = new Uint8Array(await crypto.subtle.digest('SHA-256', stored));
  expect(await runTask(digest.tasks[0]!, openHandle)).toEqual(sha);
});

test('a cast is of the numbers, and another cast of it', async () => {
  const { value, storage } = makeTensor();
  const cast: Storage = {
    id: 1,
    byteLength: 2 * 192,
    endian: 'little',
    data: { kind: 'derived', expr: { kind: 'cast', dtype: 'bf16' }, inputs: [{ value, storage }] },
  };
  const half: TensorValue = { type: 'tensor', dtype: 'bf16', shape: [192], offset: 0, storage: 1 };
  const { values } = await readSlice(half, cast, noFiles, wholeSlice([192]));
  expect([...values]).toEqual(Array.from({ length: 192 }, (_, i) => numberAt(32 + i)));
  const plan = planCompare(
    'same',
    { value: { ...value, shape: [192] }, storage, files: noFiles },
    { value: half, storage: cast, files: noFiles },
  );
  expect(plan.isSame).toBe(false);
  expect(await Promise.all(plan.tasks.map((task) => runTask(structuredClone(task), openHandle)))).toEqual([true]);
});

test('the same blocks are the same, unread', () => {
  const [a, b] = [makeTensor(), makeTensor()];
  const side = { value: a.value, storage: a.storage, files: noFiles };
  expect(planCompare('same', side, { ...side, storage: { ...a.storage } }).isSame).toBe(true);
  expect(planCompare('same', side, { ...side, storage: b.storage }).isSame).toBe(false);
  expect(planCompare('same', side, { ...side, value: { ...a.value, offset: 0 } }).isSame).toBe(false);
});

test('only whole blocks in their order are copied as they are', () => {
  const { value } = makeTensor();
  expect(asBlockBytes(value)).toMatchObject({ dtype: 'u8', shape: [6 * 34], offset: 34 });
  expect(hasWholeBlocks(value)).toBe(true);
  expect(asBlockBytes({ ...value, shape: [2, 64], strides: [64, 1], offset: 96 })).toMatchObject({ offset: 3 * 34 });
  expect(asBlockBytes({ ...value, offset: 33 })).toBe(undefined);
  expect(asBlockBytes({ ...value, shape: [64, 3], strides: [1, 64] })).toBe(undefined);
  expect(asBlockBytes({ ...value, shape: [3, 63] })).toBe(undefined);
  expect(hasWholeBlocks({ ...value, shape: [64, 3] })).toBe(false);
});

test('scales of big-endian files are the other way round', async () => {
  const { value, storage } = makeTensor();
  const bytes = (storage.data as { bytes: Uint8Array<ArrayBuffer> }).bytes.slice();
  for (let at = 0; at < bytes.length; at += 34) bytes.subarray(at, at + 2).reverse();
  const swapped: Storage = { ...storage, endian: 'big', data: { kind: 'inline', bytes } };
  const slice = [{ kind: 'index', at: 2 } as const, { kind: 'range', start: 30, count: 5, step: 1 } as const];
  const { values } = await readSlice(value, swapped, noFiles, slice);
  expect([...values]).toEqual(Array.from({ length: 5 }, (_, i) => numberAt(32 + 128 + 30 + i)));
  await expect(
    readSlice(
      { ...value, dtype: 'iq2_xs', shape: [256], offset: 0 },
      { ...swapped, byteLength: 74 },
      noFiles,
      wholeSlice([256]),
    ),
  ).rejects.toThrow(/big-endian/);
});

test('a tensor that leaves its storage is malformed, and one without bytes not found', async () => {
  const { value, storage } = makeTensor();
  const longer = { ...value, shape: [4, 64] };
  await expect(readSlice(longer, storage, noFiles, wholeSlice([4, 64]))).rejects.toMatchObject({
    info: { kind: 'malformed' },
  });
  expect(() => planTensor('stats', longer, storage, noFiles)).toThrow(/do not lie in a storage/);
  const absent: Storage = { ...storage, data: { kind: 'absent', why: 'shard x is not open' } };
  await expect(readSlice(value, absent, noFiles, wholeSlice([3, 64]))).rejects.toMatchObject({
    info: { kind: 'not-found', detail: 'shard x is not open' },
  });
});
