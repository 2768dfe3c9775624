/** Numbers to codes of floats of up to 16 bits: to the nearest, of two as near to the even one. */
import { SMALL_FLOATS, type SmallFloat } from './decode.ts';
import { type DType, isKnownDType } from './dtype.ts';

export type NarrowCode = (bits: number, value: number) => number;

/**
 * What makes a code of an f32 (its bits, and its value). Too large is infinity where the type has one, NaN where it has none; but the
 * largest number in `f8_e4m3fn`, as torch 2.13 does (`ml_dtypes` makes NaN of it). NaN is the type's own quiet NaN, with its
 * sign where there are two. Undefined for what is no float of 8 or 16 bits.
 */
export function narrowEncoder(dtype: DType): NarrowCode | undefined {
  if (dtype === 'f8_e8m0') return powerCode;
  const float = isKnownDType(dtype) && dtype !== 'f4' ? SMALL_FLOATS[dtype] : undefined;
  return float && smallFloatEncoder(float);
}

const F32_INFINITY = 0x7f80_0000;

function smallFloatEncoder({ exponentBits, mantissaBits, bias, special }: SmallFloat): NarrowCode {
  const shift = 23 - mantissaBits;
  const half = 2 ** (shift - 1) - 1;
  const signAt = exponentBits + mantissaBits;
  const smallestNormal = (128 - bias) * 2 ** 23;
  const rebias = (127 - bias) * 2 ** mantissaBits;
  const step = 2 ** (bias + mantissaBits - 1);
  const top = 2 ** signAt - 1;
  const infinity = special === 'ieee' ? top - (2 ** mantissaBits - 1) : top;
  const nan = special === 'ieee' ? infinity + 2 ** (mantissaBits - 1) : top;
  const largest = special === 'fn' ? top - 1 : infinity;
  return (bits, value) => {
    const sign = bits >>> 31;
    const size = bits & 0x7fff_ffff;
    if (special === 'fnuz' && size >= F32_INFINITY) return 2 ** signAt;
    if (size > F32_INFINITY) return nan | (sign << signAt);
    const code =
      size < smallestNormal
        ? roundHalfEven(Math.abs(value) * step)
        : ((size + half + ((size >>> shift) & 1)) >>> shift) - rebias;
    if (special === 'fnuz') return code > top ? 2 ** signAt : code === 0 ? 0 : code | (sign << signAt);
    return Math.min(code, largest) | (sign << signAt);
  };
}

/** Adding 2^52 leaves no place for a fraction. */
export const roundHalfEven = (value: number): number => {
  if (!(Math.abs(value) < 2 ** 52)) return value;
  return value < 0 ? value - 2 ** 52 + 2 ** 52 : value + 2 ** 52 - 2 ** 52;
};

/** Powers of two have neither sign nor zero. Rounded as torch rounds them: halves up, but for the lowest. */
const powerCode: NarrowCode = (bits) => {
  const exponent = (bits >>> 23) & 0xff;
  const isUp = (bits & 0x40_0000) !== 0 && ((bits & 0x3f_ffff) !== 0 || exponent > 0);
  return isUp && exponent < 0xff ? exponent + 1 : exponent;
};
