import { expect, it } from 'vitest';
import { encodeComplex, encodeFloat, encodeInt, encodeText } from './encode.ts';

const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');

it('writes numbers and texts in their shortest form', () => {
  const ints = [0, 127, 128, 255, 256, 65535, 65536, -1, -32, -33, -128, -129, -32769].map((n) =>
    hex(encodeInt(BigInt(n))),
  );
  expect(ints).toEqual([
    '00',
    '7f',
    'cc80',
    'ccff',
    'cd0100',
    'cdffff',
    'ce00010000',
    'ff',
    'e0',
    'd0df',
    'd080',
    'd1ff7f',
    'd2ffff7fff',
  ]);
  expect(hex(encodeInt(2n ** 64n - 1n))).toBe('cfffffffffffffffff');
  expect(hex(encodeInt(-(2n ** 63n)))).toBe('d38000000000000000');
  expect(encodeInt(2n ** 64n)).toBeUndefined();
  expect(hex(encodeText('x'.repeat(32)).subarray(0, 2))).toBe('d920');
  expect(hex(encodeFloat(1.5))).toBe('cb3ff8000000000000');
  // As flax packs it.
  expect(hex(encodeComplex(1.5, -2))).toBe('c7130292cb3ff8000000000000cbc000000000000000');
});
