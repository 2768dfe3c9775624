import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openHandle } from '../bytes/open-handle.ts';
import { planTensor } from '../compute/plan.ts';
import { readElements } from '../compute/read-elements.ts';
import type { DerivedInput, Storage, TensorValue } from '../model/state-dict.ts';
import type { Derivation } from './derivation.ts';
import { bitsOf, countElements, type DType } from './dtype.ts';
import { drawNumbers } from './random.ts';
import { openStorage } from './stored.ts';
import { readSlice } from './view.ts';

const noFiles = new Map();
const tensor = (dtype: DType, shape: readonly number[], more: Partial<TensorValue> = {}): TensorValue => ({
  type: 'tensor',
  dtype,
  shape,
  offset: 0,
  storage: 0,
  ...more,
});

function derive(
  expr: Derivation,
  dtype: DType,
  shape: readonly number[],
  inputs: readonly DerivedInput[],
): DerivedInput {
  const byteLength = (countElements(shape) * (bitsOf(dtype) ?? 8)) / 8;
  const storage: Storage = { id: 0, byteLength, endian: 'little', data: { kind: 'derived', expr, inputs } };
  return { value: tensor(dtype, shape), storage };
}

const inline = (bytes: Uint8Array<ArrayBuffer>, value: TensorValue, endian: Storage['endian'] = 'little') => ({
  value,
  storage: { id: 0, byteLength: bytes.length, endian, data: { kind: 'inline', bytes } } satisfies Storage,
});

/** Some hundred bytes of a transposed, big-endian, offset view of i16, and what is derived of it: six layers in all. */
function makeStack(): DerivedInput {
  const bytes = Uint8Array.from({ length: 2 * (3 + 7 * 11) }, (_, i) => (i * 37) % 251);
  const base = inline(bytes, tensor('i16', [11, 7], { strides: [1, 11], offset: 3 }), 'big');
  const dense = derive({ kind: 'dense' }, 'i16', [11, 7], [base]);
  const patched = derive(
    {
      kind: 'patch',
      runs: [
        { at: 2, hex: '01000200ff7f' },
        { at: 75, hex: '0080' },
      ],
    },
    'i16',
    [11, 7],
    [dense],
  );
  const cast = derive({ kind: 'cast', dtype: 'f32' }, 'f32', [11, 7], [patched]);
  const draw = { kind: 'normal', seed: 5, mean: 0, std: 1 } as const;
  const random = derive({ kind: 'random', dtype: 'f32', draw }, 'f32', [3, 2], []);
  const placed = derive(
    {
      kind: 'place',
      slice: [
        { kind: 'range', start: 1, count: 3, step: 3 },
        { kind: 'range', start: 2, count: 2, step: 4 },
      ],
    },
    'f32',
    [11, 7],
    [cast, random],
  );
  return derive({ kind: 'affine', scale: 0.5, shift: 2 }, 'f32', [11, 7], [placed]);
}

const open = ({ storage }: DerivedInput) =>
  openStorage(storage, noFiles, { name: 't', format: 'test', within: { start: 0, end: storage.byteLength } });

async function readByTask({ value, storage }: DerivedInput, from: number, to: number): Promise<Uint8Array> {
  const [task] = planTensor('digest', value, storage, noFiles).tasks;
  const pieces: number[] = [];
  // Tasks are plain JSON but for the bytes of inline storages.
  const sent = structuredClone(task!);
  for await (const { bytes } of readElements({ ...sent, from, to }, openHandle)) pieces.push(...bytes);
  return Uint8Array.from(pieces);
}

test('every layer is what it says', async () => {
  const stack = makeStack();
  const { values } = await readSlice(stack.value, stack.storage, noFiles, [
    { kind: 'range', start: 0, count: 11, step: 1 },
    { kind: 'range', start: 0, count: 7, step: 1 },
  ]);
  const expected = Float64Array.from({ length: 77 }, (_, place) => {
    const [row, column] = [Math.floor(place / 7), place % 7];
    const at = 2 * (3 + row + 11 * column);
    const stored = (((at * 37) % 251) << 8) | (((at + 1) * 37) % 251);
    const patches: Record<number, number> = { 2: 1, 3: 2, 4: 32767, 75: -32768 };
    return (patches[place] ?? (stored << 16) >> 16) * 0.5 + 2;
  });
  const isPlaced = (_: number, place: number) =>
    [1, 4, 7].includes(Math.floor(place / 7)) && [2, 6].includes(place % 7);
  expect([...values].filter((value, i) => !isPlaced(Number(value), i))).toEqual(
    [...expected].filter((value, i) => !isPlaced(value, i)),
  );
  const drawn = drawNumbers({ kind: 'normal', seed: 5, mean: 0, std: 1 }, 0, 6).map(Math.fround);
  expect([...values].filter((value, i) => isPlaced(Number(value), i))).toEqual(
    [...drawn].map((x) => Math.fround(x * 0.5 + 2)),
  );
});

test('any range is made as the whole is, for values and for tasks', async () => {
  const stack = makeStack();
  const read = open(stack);
  const whole = await read(0, stack.storage.byteLength);
  expect(await readByTask(stack, 0, 77)).toEqual(Uint8Array.from(whole));
  await fc.assert(
    fc.asyncProperty(fc.nat(308), fc.nat(308), async (a, b) => {
      const [start, end] = [Math.min(a, b), Math.max(a, b)];
      expect(await read(start, end)).toEqual(whole.slice(start, end));
      const [from, to] = [start >> 2, end >> 2];
      expect(await readByTask(stack, from, to)).toEqual(Uint8Array.from(whole.slice(4 * from, 4 * to)));
    }),
    { numRuns: 60 },
  );
});

test('what is derived leaves its inputs as they were', async () => {
  const bytes = Uint8Array.from({ length: 8 }, (_, i) => i);
  const base = inline(bytes, tensor('u8', [8]));
  const patched = derive({ kind: 'patch', runs: [{ at: 0, hex: 'ffff' }] }, 'u8', [8], [base]);
  expect([...(await open(patched)(0, 8))]).toEqual([255, 255, 2, 3, 4, 5, 6, 7]);
  expect([...bytes]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('a far part of a giant is made at once', async () => {
  const giant = derive({ kind: 'fill', element: '0000803f' }, 'f32', [2 ** 33], []);
  const patched = derive({ kind: 'patch', runs: [{ at: 2 ** 33 - 2, hex: '00000040' }] }, 'f32', [2 ** 33], [giant]);
  const started = performance.now();
  const { values } = await readSlice(patched.value, patched.storage, noFiles, [
    { kind: 'range', start: 2 ** 33 - 4, count: 4, step: 1 },
  ]);
  expect([...values]).toEqual([1, 1, 2, 1]);
  expect(performance.now() - started).toBeLessThan(1000);
});
