/** Elements of one type as elements of another, as torch's `.to(dtype)` makes them; see `encode.ts` for the rules of numbers. */
import { componentsOf, decodeElements, decodeIntegers, type IntegerArray, isWideInteger } from './decode.ts';
import { bitsOf, type DType, familyOf } from './dtype.ts';
import { encodeElements, makeIntegers } from './encode.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * `count` little-endian elements. Between integers the low bits are kept; a complex number loses its imaginary part, and
 * 64-bit integers are rounded once.
 */
export function castElements(from: DType, to: DType, bytes: Bytes, count: number): Bytes {
  if (isWideInteger(from)) return castWide(to, decodeIntegers(from, bytes, 'little', count));
  const numbers = decode(from, bytes, count);
  if (isInteger(to) && isInteger(from)) return keepLowBits(to, numbers);
  return encodeElements(to, pairUp(from, to, numbers));
}

const isInteger = (dtype: DType): boolean => ['int', 'uint'].includes(familyOf(dtype));

function decode(dtype: DType, bytes: Bytes, count: number): Float64Array<ArrayBuffer> {
  const numbers = new Float64Array(count * componentsOf(dtype));
  decodeElements(dtype, bytes, 'little', count, numbers);
  return numbers;
}

function keepLowBits(to: DType, numbers: Float64Array<ArrayBuffer>): Bytes {
  if (isWideInteger(to)) {
    const wide = to === 'i64' ? new BigInt64Array(numbers.length) : new BigUint64Array(numbers.length);
    for (let i = 0; i < numbers.length; i++) wide[i] = BigInt(numbers[i]!);
    return new Uint8Array(wide.buffer);
  }
  const integers = makeIntegers(to, numbers.length);
  integers.set(numbers);
  return new Uint8Array(integers.buffer);
}

function castWide(to: DType, integers: IntegerArray): Bytes {
  if (isWideInteger(to)) return new Uint8Array(integers.buffer);
  if (isInteger(to)) {
    const narrow = makeIntegers(to, integers.length);
    const bits = bitsOf(to) as number;
    for (let i = 0; i < integers.length; i++) narrow[i] = Number(BigInt.asUintN(bits, integers[i]!));
    return new Uint8Array(narrow.buffer);
  }
  const isDouble = to === 'f64' || to === 'c128';
  const numbers = Float64Array.from(integers, isDouble ? Number : toOddNumber);
  return encodeElements(to, pairUp('i64', to, numbers));
}

/**
 * A number that rounds to f32 as the integer itself does: where bits are lost, the last one that is left is set, so that the second
 * rounding still sees on which side of the middle it was.
 */
function toOddNumber(value: bigint): number {
  if (value >= -(2n ** 53n) && value <= 2n ** 53n) return Number(value);
  const kept = (value >> 11n) << 11n;
  return Number(kept === value ? kept : kept | (1n << 11n));
}

/** The imaginary parts that are missing, or without those that are not wanted. To bool both parts count. */
function pairUp(from: DType, to: DType, numbers: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const [was, is] = [componentsOf(from), componentsOf(to)];
  if (was === is) return numbers;
  if (is === 2) {
    const pairs = new Float64Array(2 * numbers.length);
    for (let i = 0; i < numbers.length; i++) pairs[2 * i] = numbers[i]!;
    return pairs;
  }
  const singles = new Float64Array(numbers.length / 2);
  for (let i = 0; i < singles.length; i++) {
    const [re, im] = [numbers[2 * i]!, numbers[2 * i + 1]!];
    singles[i] = to === 'bool' && re === 0 ? im : re;
  }
  return singles;
}
