/** What of the numbers of elements a cast changes, by comparing each with what becomes of it. */
import { castElements } from './cast.ts';
import { componentsOf, decodeElements, decodeIntegers, isWideInteger, type ValueArray } from './decode.ts';
import { type DType, familyOf } from './dtype.ts';
import { rangeOf } from './encode.ts';

/** Counts of numbers, each in one of them at most; a complex number is two. */
export interface CastLosses {
  /** All that were looked at. */
  readonly count: number;
  /** NaN that becomes a number. */
  readonly nan: number;
  /** What becomes infinite, or NaN, and was not. */
  readonly overflow: number;
  /** Past the range of the type: what becomes the end of it, and integers that lose high bits. */
  readonly clamped: number;
  /** What is not 0 and becomes 0. */
  readonly underflow: number;
  /** All others that become another number. */
  readonly rounded: number;
  /** The largest difference of those that are rounded or become 0. */
  readonly maxError: number;
}

export const NO_LOSSES: CastLosses = {
  count: 0,
  nan: 0,
  overflow: 0,
  clamped: 0,
  underflow: 0,
  rounded: 0,
  maxError: 0,
};

export function joinLosses(a: CastLosses, b: CastLosses): CastLosses {
  return {
    count: a.count + b.count,
    nan: a.nan + b.nan,
    overflow: a.overflow + b.overflow,
    clamped: a.clamped + b.clamped,
    underflow: a.underflow + b.underflow,
    rounded: a.rounded + b.rounded,
    maxError: Math.max(a.maxError, b.maxError),
  };
}

/** Of `count` little-endian elements. */
export function countLosses(from: DType, to: DType, bytes: Uint8Array<ArrayBuffer>, count: number): CastLosses {
  const losses = { ...NO_LOSSES, count: count * componentsOf(from) };
  const befores = numbersOf(from, bytes, count);
  const afters = numbersOf(to, castElements(from, to, bytes, count), count);
  const isBeyond = rangeTest(to);
  const step = componentsOf(to) / componentsOf(from);
  for (let i = 0; i < befores.length; i++) {
    const [before, after] = [befores[i]!, afters[i * step]!];
    if (Number.isNaN(before)) {
      if (!Number.isNaN(after)) losses.nan++;
    } else if (isInfinite(after)) {
      if (!isInfinite(before) || Number.isNaN(after)) losses.overflow++;
    } else if (before < after || before > after) {
      if (isInfinite(before) || isBeyond(before)) losses.clamped++;
      else {
        if (Number(after) === 0) losses.underflow++;
        else losses.rounded++;
        losses.maxError = Math.max(losses.maxError, differenceOf(before, after));
      }
    }
  }
  return losses;
}

function numbersOf(dtype: DType, bytes: Uint8Array<ArrayBuffer>, count: number): ValueArray {
  if (isWideInteger(dtype)) return decodeIntegers(dtype, bytes, 'little', count);
  const numbers = new Float64Array(count * componentsOf(dtype));
  decodeElements(dtype, bytes, 'little', count, numbers);
  return numbers;
}

const isInfinite = (value: number | bigint): boolean => typeof value === 'number' && !Number.isFinite(value);

/** The largest number of `f8_e4m3fn` and half a step: what is larger becomes the largest, not infinity. */
const E4M3FN_END = 464;

/** Whether a number is past what a type can hold, where the type has no other way to show it. */
function rangeTest(dtype: DType): (value: number | bigint) => boolean {
  if (dtype === 'f8_e4m3fn') return (value) => value > E4M3FN_END || value < -E4M3FN_END;
  const family = familyOf(dtype);
  if (family !== 'int' && family !== 'uint') return () => false;
  // Fractions are dropped: 127.9 fits 127. Of 64 bits the end is no number, and the one after it is.
  const [low, high] = isWideInteger(dtype)
    ? dtype === 'i64'
      ? [-(2n ** 63n), 2n ** 63n - 1n]
      : [0n, 2n ** 64n - 1n]
    : rangeOf(dtype);
  const whole = (value: number | bigint) => (typeof value === 'number' ? Math.trunc(value) : value);
  return (value) => whole(value) < low || whole(value) > high;
}

function differenceOf(before: number | bigint, after: number | bigint): number {
  if (typeof before === 'number' && typeof after === 'number') return Math.abs(before - after);
  if (typeof before === 'bigint' && typeof after === 'bigint') return Math.abs(Number(before - after));
  const [whole, other] = typeof before === 'bigint' ? [before, after as number] : [after as bigint, before as number];
  const trunc = Math.trunc(other);
  return Math.abs(Number(whole - BigInt(trunc)) - (other - trunc));
}
