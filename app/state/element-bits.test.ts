import { expect, test } from 'vitest';
import type { TensorValue } from '../../src-core/index.ts';
import { bitsText, placeOfElement, readElementBits } from './element-bits.ts';
import { openFixture, tensorOf } from './open-fixture.fixture.ts';

const tensor = (dtype: TensorValue['dtype'], shape: number[], rest: Partial<TensorValue> = {}): TensorValue => ({
  type: 'tensor',
  dtype,
  shape,
  offset: 0,
  storage: 0,
  ...rest,
});

test('an element lies where its strides and offset say', () => {
  expect(placeOfElement(tensor('f32', [3, 4]), [1, 2])).toEqual({ start: 24, end: 28, bit: 0 });
  expect(placeOfElement(tensor('f16', [3, 4], { strides: [1, 3], offset: 5 }), [1, 2])).toEqual({
    start: 24,
    end: 26,
    bit: 0,
  });
  expect(placeOfElement(tensor('i4', [3, 4]), [0, 3])).toEqual({ start: 1, end: 2, bit: 4 });
  expect(placeOfElement(tensor('other:F9', [3]), [0])).toBeUndefined();
});

test('bits are written most significant first', () => {
  expect(bitsText(Uint8Array.of(0, 0, 0x80, 0x3f), tensor('f32', []), 'little', 0)).toBe('0x3f800000');
  expect(bitsText(Uint8Array.of(0x3f, 0x80, 0, 0), tensor('f32', []), 'big', 0)).toBe('0x3f800000');
  expect(bitsText(Uint8Array.of(0xa7), tensor('i4', []), 'little', 4)).toBe('0xa');
  const pair = Uint8Array.of(0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0);
  expect(bitsText(pair, tensor('c64', []), 'little', 0)).toBe('0x3f800000 0xc0000000');
});

test('are read from the file: a NaN keeps its payload', async () => {
  const document = await openFixture('src-core/fixtures/slices/tensors.pt');
  const { entry, tensor: found } = await tensorOf(document, 'float32');
  const { signal } = new AbortController();
  // The golden's first number is -20.
  expect(await readElementBits(document, entry, found, 'little', [0, 0, 0], signal)).toBe('0xc1a00000');
});
