/**
 * Numbers to stored bytes, little-endian and densely packed; `decode.ts` is the way back. Rules are those of torch's `.to(dtype)`:
 *
 * - floats: to the nearest, halves to even; those of up to 16 bits by way of f32, `narrow-float.ts` says what is too large
 * - integers: the fraction is dropped; what is out of range becomes the end of the range and NaN 0 (torch leaves both to the machine)
 * - bool: everything but 0 is true, NaN too
 * - complex numbers are pairs (real, imaginary)
 */
import { StateglassError } from '../base/errors.ts';
import { componentsOf, isWideInteger, type ValueArray } from './decode.ts';
import { bitsOf, type DType, dtypeLabel, familyOf } from './dtype.ts';
import { narrowEncoder } from './narrow-float.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Why numbers cannot become elements of this type, as a sentence part; undefined when they can. */
export function whyNotEncodable(dtype: DType): string | undefined {
  const bits = bitsOf(dtype);
  if (bits === undefined) return 'the element type is not known';
  const family = familyOf(dtype);
  if (family === 'block') return 'elements in blocks are not made';
  if (bits < 8) return 'elements of less than a byte cannot be made';
  return family === 'quant' || family === 'other' ? 'its elements stand for no numbers of their own' : undefined;
}

/**
 * Bytes of elements: for complex types two numbers each. 64-bit integers may come as such; other types get them as numbers.
 *
 * @throws `unsupported` for a type that is not made of numbers.
 */
export function encodeElements(dtype: DType, values: ValueArray): Bytes {
  const why = whyNotEncodable(dtype);
  if (why !== undefined)
    throw new StateglassError({ kind: 'unsupported', file: dtypeLabel(dtype), format: 'element type', detail: why });
  if (isWideInteger(dtype)) return bytesOf(toWideIntegers(dtype, values));
  const numbers = values instanceof Float64Array ? values : Float64Array.from(values, Number);
  const family = familyOf(dtype);
  if (family === 'bool') return Uint8Array.from(numbers, (value) => (value === 0 ? 0 : 1));
  if (family === 'int' || family === 'uint') return bytesOf(toIntegers(dtype, numbers));
  const bits = (bitsOf(dtype) as number) / componentsOf(dtype);
  if (bits === 64) return bytesOf(numbers.slice());
  if (bits === 32) return bytesOf(Float32Array.from(numbers));
  return bytesOf(toNarrow(dtype === 'c32' ? 'f16' : dtype, numbers));
}

const bytesOf = ({ buffer }: { readonly buffer: ArrayBuffer }): Bytes => new Uint8Array(buffer);

const INTEGERS = {
  u8: Uint8Array,
  i8: Int8Array,
  u16: Uint16Array,
  i16: Int16Array,
  u32: Uint32Array,
  i32: Int32Array,
} as const;

/** Room for elements of an integer type of up to 32 bits, which takes numbers modulo its range. */
export const makeIntegers = (dtype: DType, length: number) => new INTEGERS[dtype as keyof typeof INTEGERS](length);

/** Lowest and highest value of an integer type; of 64 bits rounded to numbers. */
export function rangeOf(dtype: DType): readonly [low: number, high: number] {
  const bits = bitsOf(dtype) as number;
  return familyOf(dtype) === 'int' ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
}

function toIntegers(dtype: DType, numbers: Float64Array) {
  const [low, high] = rangeOf(dtype);
  const integers = makeIntegers(dtype, numbers.length);
  // NaN is stored as 0.
  for (let i = 0; i < numbers.length; i++) integers[i] = Math.min(high, Math.max(low, numbers[i]!));
  return integers;
}

function toWideIntegers(dtype: 'i64' | 'u64', values: ValueArray) {
  const integers = dtype === 'i64' ? new BigInt64Array(values.length) : new BigUint64Array(values.length);
  const [low, high] = dtype === 'i64' ? [-(2n ** 63n), 2n ** 63n - 1n] : [0n, 2n ** 64n - 1n];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    integers[i] = typeof value === 'bigint' ? value : toBigInt(value, low, high);
  }
  return integers;
}

function toBigInt(value: number, low: bigint, high: bigint): bigint {
  if (Number.isNaN(value)) return 0n;
  if (value >= Number(high)) return high;
  return value <= Number(low) ? low : BigInt(Math.trunc(value));
}

function toNarrow(dtype: DType, numbers: Float64Array) {
  const encode = narrowEncoder(dtype);
  if (!encode) throw new StateglassError({ kind: 'internal', detail: `${dtype} is no narrow float` });
  const codes = bitsOf(dtype) === 8 ? new Uint8Array(numbers.length) : new Uint16Array(numbers.length);
  const single = new Float32Array(1);
  const bits = new Uint32Array(single.buffer);
  for (let i = 0; i < numbers.length; i++) {
    single[0] = numbers[i]!;
    codes[i] = encode(bits[0]!, single[0]!);
  }
  return codes;
}
