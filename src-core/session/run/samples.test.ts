import { expect, test } from 'vitest';
import type { InputSpec } from '../../graph/graph.ts';
import { readNpy } from './read-array.ts';
import { makeSample, whyUnfit } from './samples.ts';

const FEATURES: InputSpec = {
  name: 'input',
  dtype: 'f32',
  meaning: 'features',
  dims: [{ size: 1, free: 'batch' }, { size: 4 }],
};
const TOKENS: InputSpec = {
  name: 'tokens',
  dtype: 'i64',
  meaning: 'tokens',
  dims: [{ size: 1 }, { size: 8, free: 'sequence' }],
  below: 3,
};

test('samples are the same every time, and of the shape that is asked for', () => {
  const one = makeSample({ kind: 'normal', seed: 7 }, FEATURES, [2, 4]);
  expect(one).toEqual(makeSample({ kind: 'normal', seed: 7 }, FEATURES, [2, 4]));
  expect(one).not.toEqual(makeSample({ kind: 'normal', seed: 8 }, FEATURES, [2, 4]));
  expect(makeSample({ kind: 'ramp' }, FEATURES).data).toEqual(Float32Array.of(-1, -1 / 3, 1 / 3, 1));
  expect(makeSample({ kind: 'one-hot', at: 2 }, FEATURES, [2, 4]).data).toEqual(
    Float32Array.of(0, 0, 1, 0, 0, 0, 1, 0),
  );
});

test('tokens stay below the size of the vocabulary', () => {
  expect(makeSample({ kind: 'ramp' }, TOKENS).data).toEqual(BigInt64Array.of(0n, 1n, 2n, 0n, 1n, 2n, 0n, 1n));
  const drawn = makeSample({ kind: 'uniform', seed: 1 }, TOKENS, [1, 500]).data as BigInt64Array;
  expect(new Set(drawn)).toEqual(new Set([0n, 1n, 2n]));
});

test('numbers that are given take a free last axis, and must fit a fixed one', () => {
  const ids = makeSample({ kind: 'numbers', numbers: [2, 0, 1] }, TOKENS);
  expect(ids).toEqual({ dtype: 'i64', shape: [1, 3], data: BigInt64Array.of(2n, 0n, 1n) });
  expect(() => makeSample({ kind: 'numbers', numbers: [1, 2] }, FEATURES)).toThrow('input takes 4 numbers (1×4)');
  expect(() => makeSample({ kind: 'numbers', numbers: [0.5] }, TOKENS)).toThrow('whole numbers');
  expect(() => makeSample({ kind: 'one-hot', at: 4 }, FEATURES)).toThrow('places 0 to 3');
});

/** `np.save` of `np.asfortranarray(np.array([[1, 2, 3], [4, 5, 6]], '>i2'))`, NumPy 2. */
const FORTRAN =
  'k05VTVBZAQB2AHsnZGVzY3InOiAnPmkyJywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAQAEAAIABQADAAY=';

test('an array of another order and byte order is what it is in NumPy', async () => {
  const bytes = new Uint8Array(Buffer.from(FORTRAN, 'base64'));
  const found = await readNpy(bytes, 'x.npy', 'f32');
  expect(found).toEqual({ dtype: 'f32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) });
  await expect(readNpy(bytes.slice(0, 60), 'x.npy', 'f32')).rejects.toThrow('it ends in its header');
});

test('an array fits by its type and by every axis that is not free', () => {
  const array = (...shape: number[]) => makeSample({ kind: 'zeros' }, FEATURES, shape);
  expect(whyUnfit(FEATURES, array(1, 4))).toBeUndefined();
  expect(whyUnfit(FEATURES, array(7, 4))).toBeUndefined();
  expect(whyUnfit(FEATURES, array(1, 3))).toBe('axis 1 has 3 places, and 4 are wanted');
  expect(whyUnfit(FEATURES, array(0, 4))).toBe('axis 0 has 0 places, and one at least is wanted');
  expect(whyUnfit(FEATURES, array(4))).toBe('it has 1 axis, and 2 are wanted');
  expect(whyUnfit(TOKENS, array(1, 4))).toBe('it is f32, and i64 is wanted');
  expect(whyUnfit(TOKENS, array(1, 2, 4))).toBe('it is f32, and i64 is wanted');
});
