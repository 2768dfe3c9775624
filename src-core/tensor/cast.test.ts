import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { castElements } from './cast.ts';
import { codeToNumber, componentsOf, decodeElements } from './decode.ts';
import { bitsOf, type DType } from './dtype.ts';
import { encodeElements } from './encode.ts';

interface Golden {
  readonly sources: Readonly<Record<string, string>>;
  readonly entries: readonly { readonly pair: string; readonly bytes: string }[];
}

const golden: Golden = JSON.parse(readFileSync(new URL('../fixtures/derived/casts.json', import.meta.url), 'utf8'));
const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'));

/** Bits of each component; of NaN only that it is one, as libraries differ in what it carries. */
function show(dtype: DType, bytes: Uint8Array<ArrayBuffer>): string[] {
  const components = componentsOf(dtype);
  const width = (bitsOf(dtype) ?? 8) / 8 / components;
  const numbers = new Float64Array(bytes.length / width);
  decodeElements(dtype, bytes, 'little', bytes.length / width / components, numbers);
  return Array.from(numbers, (number, i) =>
    Number.isNaN(number)
      ? 'NaN'
      : `${number} ${Buffer.from(bytes.subarray(i * width, (i + 1) * width)).toString('hex')}`,
  );
}

describe('elements become what torch makes of them', () => {
  test.each(golden.entries)('$pair', ({ pair, bytes }) => {
    const [from, to] = pair.split(' ') as [DType, DType];
    const source = bytesOf(golden.sources[from] as string);
    const count = (source.length * 8) / (bitsOf(from) ?? 8);
    expect(show(to, castElements(from, to, source, count))).toEqual(show(to, bytesOf(bytes)));
  });
});

test.each(['f16', 'bf16', 'f8_e4m3fn', 'f8_e5m2', 'f8_e4m3fnuz', 'f8_e5m2fnuz', 'f8_e8m0'] as const)(
  'every code of %s comes back',
  (dtype) => {
    const bits = bitsOf(dtype) as number;
    const codes = Array.from({ length: 2 ** bits }, (_, code) => code);
    const made = encodeElements(
      dtype,
      Float64Array.from(codes, (code) => codeToNumber(dtype, code)),
    );
    const back = bits === 8 ? made : new Uint16Array(made.buffer);
    const wrong = codes.filter((code) => !Number.isNaN(codeToNumber(dtype, code)) && back[code] !== code);
    expect(wrong).toEqual([]);
  },
);

test('elements of less than a byte, and those that are no numbers, are refused', () => {
  for (const dtype of ['u4', 'f6_e2m3', 'qint8', 'bits16', 'other:F9'] as const)
    expect(() => encodeElements(dtype, new Float64Array(2))).toThrow(dtype.replace('other:', ''));
});
