/** Which pairs of element types are compared how, and when two elements count as the same. */
import { componentsOf, isWideInteger } from './decode.ts';
import type { Channels } from './dequantise.ts';
import type { BinScheme } from './distribution.ts';
import { bitsOf, familyOf } from './dtype.ts';
import { binSchemeOf } from './stats.ts';
import type { Numbers } from './stats-partial.ts';

/** Whether every value is an f32: narrow types, and all that is scaled (which is rounded to f32). */
export function isSingle({ dtype, affine, channels }: Numbers): boolean {
  if (affine || channels || dtype === 'f32') return true;
  return componentsOf(dtype) === 1 && (bitsOf(dtype) ?? 0) <= 16;
}

/** Bins of differences are as fine as those of the wider side. */
export const pairScheme = (a: Numbers, b: Numbers): BinScheme =>
  binSchemeOf(a.dtype) === 'f64' || binSchemeOf(b.dtype) === 'f64' ? 'f64' : 'f32';

/** Whether differences are whole numbers. */
export const isIntegralPair = (a: Numbers, b: Numbers): boolean => isIntegral(a) && isIntegral(b);

function isIntegral({ dtype, affine, channels }: Numbers): boolean {
  const family = familyOf(dtype);
  return !affine && !channels && (family === 'int' || family === 'uint' || family === 'bool');
}

/** Whether equal bytes are equal values on both sides. */
export function areAlike(a: Numbers, b: Numbers): boolean {
  return (
    a.dtype === b.dtype &&
    (a.negative ?? false) === (b.negative ?? false) &&
    (a.conjugate ?? false) === (b.conjugate ?? false) &&
    a.affine?.scale === b.affine?.scale &&
    a.affine?.zeroPoint === b.affine?.zeroPoint &&
    areSameChannels(a.channels, b.channels)
  );
}

/** Whether elements are the same when, and only when, their bytes are. Other pairs go by value, in which NaN is NaN, and -0 is not 0. */
export const goByBits = (a: Numbers, b: Numbers): boolean =>
  areAlike(a, b) && !a.affine && !a.channels && a.dtype !== 'bool' && (bitsOf(a.dtype) ?? 0) >= 8;

export const hasWideInteger = (a: Numbers, b: Numbers): boolean => isWhole64(a) || isWhole64(b);
/** A 64-bit integer that stands for itself. */
export const isWhole64 = ({ dtype, affine, channels }: Numbers): boolean =>
  isWideInteger(dtype) && !affine && !channels;

function areSameChannels(a: Channels | undefined, b: Channels | undefined): boolean {
  if (a === b) return true;
  if (!a || !b || a.inner !== b.inner || a.scales.length !== b.scales.length) return false;
  return a.scales.every((scale, i) => scale === b.scales[i] && a.zeroPoints[i] === b.zeroPoints[i]);
}
