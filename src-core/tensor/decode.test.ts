import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeTable, decodeElements, decodeIntegers, decodeTable } from './decode.ts';
import { bitsOf, DTYPE_ORDER, isBlockDType, type KnownDType } from './dtype.ts';

const golden: { values: Record<string, (number | string)[]> } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/safetensors/special-values.safetensors.json'), 'utf8'),
);
const numberOf = (value: number | string): number =>
  value === 'nan' ? Number.NaN : typeof value === 'string' ? Number(value.replace('inf', 'Infinity')) : value;

const HALF = [0x0000, 0x8000, 0x0001, 0x03ff, 0x0400, 0x3c00, 0x7bff, 0x7c00, 0xfc00, 0x7e00];
const BRAIN = [0x0000, 0x8000, 0x0001, 0x007f, 0x0080, 0x3f80, 0x7f7f, 0x7f80, 0xff80, 0x7fc0];
const CODES: Record<string, readonly number[]> = { f16: HALF, bf16: BRAIN };

const decode = (dtype: KnownDType, bytes: number[], endian: 'little' | 'big', count: number, parts = count) => {
  const into = new Float64Array(parts);
  decodeElements(dtype, new Uint8Array(bytes), endian, count, into);
  return [...into];
};
const bytesOf = (write: (view: DataView) => void, length: number): number[] => {
  const view = new DataView(new ArrayBuffer(length));
  write(view);
  return [...new Uint8Array(view.buffer)];
};

describe('tables', () => {
  it.each(Object.keys(golden.values))('say of %s what torch says', (name) => {
    const table = decodeTable(name as KnownDType)!;
    const codes = CODES[name] ?? Array.from({ length: 256 }, (_, code) => code);
    expect(codes.map((code) => table[code])).toEqual(golden.values[name]!.map(numberOf));
    expect(table.length).toBe(2 ** bitsOf(name as KnownDType)!);
  });

  it('hold every finite half as the nearest number of fewer bits says', () => {
    // A bfloat16 is the upper half of the f32 with the same bits.
    const word = new Uint32Array(1);
    const single = new Float32Array(word.buffer);
    const table = decodeTable('bf16')!;
    for (let code = 0; code < 65_536; code++) {
      word[0] = code << 16;
      if (!Object.is(table[code], single[0])) throw new Error(`bf16 ${code} is ${table[code]}, not ${single[0]}`);
    }
  });

  it('are there for whole bytes up to two, and made once', () => {
    const having = DTYPE_ORDER.filter((dtype) => decodeTable(dtype));
    expect(having).toEqual(DTYPE_ORDER.filter((dtype) => bitsOf(dtype) === 8 || bitsOf(dtype) === 16));
    expect(decodeTable('f16')).toBe(decodeTable('f16'));
    expect(decodeTable('other:F9')).toBeUndefined();
    expect(codeTable('f4')).toEqual(Float64Array.of(0, 0.5, 1, 1.5, 2, 3, 4, 6, -0, -0.5, -1, -1.5, -2, -3, -4, -6));
    expect(codeTable('f6_e2m3')).toBeUndefined();
  });
});

describe('elements', () => {
  it('under a byte begin in the lowest bits', () => {
    expect(decode('u4', [0x21, 0x43], 'little', 3)).toEqual([1, 2, 3]);
    expect(decode('i4', [0x8f], 'little', 2)).toEqual([-1, -8]);
    expect(decode('u2', [0b11_10_01_00], 'little', 4)).toEqual([0, 1, 2, 3]);
    expect(decode('i2', [0b11_10_01_00], 'little', 4)).toEqual([0, 1, -2, -1]);
    expect(decode('f4', [0xf7], 'little', 2)).toEqual([6, -6]);
  });

  it('come in either byte order, at any address', () => {
    const f32 = bytesOf((view) => view.setFloat32(0, -1.5, false), 4);
    expect(decode('f32', f32, 'big', 1)).toEqual([-1.5]);
    const odd = new Uint8Array([0, ...f32.toReversed(), ...f32.toReversed()]).subarray(1);
    const into = new Float64Array(2);
    decodeElements('f32', odd, 'little', 2, into);
    expect([...into]).toEqual([-1.5, -1.5]);
    expect(
      decode(
        'f64',
        bytesOf((view) => view.setFloat64(0, Math.PI, false), 8),
        'big',
        1,
      ),
    ).toEqual([Math.PI]);
    expect(decode('bf16', [0x3f, 0x80], 'big', 1)).toEqual([1]);
    expect(decode('i16', [0xff, 0xfe], 'big', 1)).toEqual([-2]);
    expect(decode('u32', [0xff, 0xff, 0xff, 0xff], 'little', 1)).toEqual([2 ** 32 - 1]);
  });

  it('that are complex become pairs', () => {
    const c64 = [0.5, 1.5].flatMap((part) => bytesOf((view) => view.setFloat32(0, part, false), 4));
    expect(decode('c64', c64, 'big', 1, 2)).toEqual([0.5, 1.5]);
    expect(decode('c32', [0x3c, 0x00, 0xc0, 0x00], 'big', 1, 2)).toEqual([1, -2]);
  });

  it('of 64 bits stay exact', () => {
    const bytes = new Uint8Array([1, 0, 0, 0, 0, 0, 0x20, 0, ...new Array<number>(8).fill(0xff)]);
    expect([...decodeIntegers('i64', bytes, 'little', 2)]).toEqual([2n ** 53n + 1n, -1n]);
    expect([...decodeIntegers('u64', bytes, 'little', 2)]).toEqual([2n ** 53n + 1n, 2n ** 64n - 1n]);
    expect([...decodeIntegers('i64', bytes.toReversed(), 'big', 2)]).toEqual([-1n, 2n ** 53n + 1n]);
    expect(decode('i64', [...bytes], 'little', 2)).toEqual([2 ** 53, -1]);
  });

  it('that are no numbers, or not all there, are refused', () => {
    expect(() => decode('f6_e2m3', [0, 0, 0], 'little', 4)).toThrow('6-bit');
    expect(() => decodeElements('other:F9', new Uint8Array(4), 'little', 1, new Float64Array(1))).toThrow('not known');
    expect(() => decode('f32', [0, 0, 0], 'little', 1)).toThrow('need 4 bytes');
    expect(() => decodeIntegers('i32', new Uint8Array(8), 'little', 1)).toThrow('64-bit');
  });

  it('of every type that has numbers are decoded', () => {
    for (const dtype of DTYPE_ORDER.filter((name) => bitsOf(name) !== 6 && !isBlockDType(name))) {
      expect(decode(dtype, new Array<number>(16).fill(0), 'little', 1, 2), dtype).toEqual(
        dtype === 'f8_e8m0' ? [2 ** -127, 0] : [0, 0],
      );
    }
  });
});
