import { componentsOf, SMALL_FLOATS } from './decode.ts';
import { bitsOf, blockOf, type DType, familyOf, isKnownDType, numberTypeOf } from './dtype.ts';
import { rangeOf } from './encode.ts';

/** Which numbers a float type has. */
interface FloatFacts {
  /** Bits of significand, the hidden one too. */
  readonly digits: number;
  readonly largest: number;
  /** Above 0. */
  readonly smallest: number;
  readonly tooLarge: 'infinite' | 'NaN' | 'the largest';
}

const WIDE = {
  f32: { digits: 24, largest: (2 - 2 ** -23) * 2 ** 127, smallest: 2 ** -149, tooLarge: 'infinite' },
  f64: { digits: 53, largest: Number.MAX_VALUE, smallest: Number.MIN_VALUE, tooLarge: 'infinite' },
} as const;

/**
 * What a cast may do to finite numbers, a sentence each; none where every number stays what it is. Both types are of whole bytes
 * and stand for numbers; the rules are those of `encode.ts`.
 */
export function listCastRisks(from: DType, to: DType): readonly string[] {
  if (from === to) return [];
  const block = blockOf(to);
  if (block) return [`Every ${block.elements} numbers share a scale: most of them change a little.`];
  if (familyOf(to) === 'bool') return ['All but 0 becomes true.'];
  const dropped = componentsOf(from) > componentsOf(to) ? ['Imaginary parts are dropped.'] : [];
  return [...dropped, ...listRealRisks(partOf(from), partOf(to))];
}

/** The type of the parts of complex numbers. */
const PARTS: Partial<Record<DType, DType>> = { c32: 'f16', c64: 'f32', c128: 'f64' };
const partOf = (dtype: DType): DType => PARTS[dtype] ?? numberTypeOf(dtype);

function listRealRisks(from: DType, to: DType): readonly string[] {
  if (to === 'f8_e8m0') return ['Numbers become powers of two, without their sign.'];
  const [was, is] = [floatFacts(from), floatFacts(to)];
  if (is) return listFloatRisks(was ?? integerFacts(from), is, to);
  const [low, high] = rangeOf(to);
  const [least, most] = was ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] : wholeRange(from);
  const isOut = least < low || most > high;
  if (!was) return isOut ? [`Of numbers outside ${low} to ${high} only the low ${bitsOf(to)} bits stay.`] : [];
  return ['Fractions are dropped.', `What is outside ${low} to ${high} becomes its nearer end, and NaN 0.`];
}

function listFloatRisks(was: FloatFacts, is: FloatFacts, to: DType): readonly string[] {
  const risks: string[] = [];
  if (was.digits > is.digits)
    risks.push(`Values may round: ${to} keeps ${is.digits} bits of significand, of up to ${was.digits}.`);
  if (was.largest > is.largest) {
    const largest = is.largest < 1e6 ? String(is.largest) : is.largest.toExponential(1);
    risks.push(`What is past ±${largest} becomes ${is.tooLarge === 'the largest' ? `±${largest}` : is.tooLarge}.`);
  }
  if (was.smallest < is.smallest)
    risks.push(`What is nearest to 0 rounds to steps of ${is.smallest.toExponential(1)}.`);
  return risks;
}

function floatFacts(dtype: DType): FloatFacts | undefined {
  if (dtype === 'f32' || dtype === 'f64') return WIDE[dtype];
  if (dtype === 'f8_e8m0') return { digits: 1, largest: 2 ** 127, smallest: 2 ** -127, tooLarge: 'NaN' };
  const float = isKnownDType(dtype) ? SMALL_FLOATS[dtype] : undefined;
  if (!float) return undefined;
  const { exponentBits, mantissaBits, bias, special } = float;
  // The highest exponent is for infinity and NaN, but for one code (`fn`) or none of it.
  const top = 2 ** exponentBits - 1 - (special === 'ieee' ? 1 : 0);
  const fraction = 2 ** mantissaBits - 1 - (special === 'fn' ? 1 : 0);
  return {
    digits: mantissaBits + 1,
    largest: (1 + fraction / 2 ** mantissaBits) * 2 ** (top - bias),
    smallest: 2 ** (1 - bias - mantissaBits),
    tooLarge: special === 'ieee' ? 'infinite' : special === 'fn' ? 'the largest' : 'NaN',
  };
}

/** Whole numbers, as a float would have them. */
function integerFacts(dtype: DType): FloatFacts {
  const [low, high] = wholeRange(dtype);
  const digits = dtype === 'bool' ? 1 : (bitsOf(dtype) ?? 64) - (familyOf(dtype) === 'int' ? 1 : 0);
  return { digits, largest: Math.max(-low, high), smallest: 1, tooLarge: 'the largest' };
}

const wholeRange = (dtype: DType): readonly [low: number, high: number] =>
  familyOf(dtype) === 'bool' ? [0, 1] : rangeOf(dtype);
