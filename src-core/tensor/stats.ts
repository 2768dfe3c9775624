/**
 * Statistics of the numbers of a tensor, piece by piece: a kernel takes pieces of bytes and gives a partial result, partial
 * results join in any grouping but one order. Types of up to 16 bits are counted by code, and everything follows from the
 * counts; wider ones keep moments beside a distribution (`distribution.ts` says how exact it is).
 *
 * NaN and infinities are counted and left out of everything else. Complex numbers stand for their magnitude.
 */
import { CountSum, type UsedCodes } from './code-counts.ts';
import { codeValue } from './code-values.ts';
import { componentsOf, hasCodeTable, isWideInteger } from './decode.ts';
import { type Distribution, quantileOf, readBins } from './distribution.ts';
import { type DType, familyOf } from './dtype.ts';
import { joinMoments, noMoments } from './moments.ts';
import type { Numbers, StatsPartial } from './stats-partial.ts';
import { Sum } from './sum.ts';

export interface TensorStats {
  /** Elements, NaN and infinities included. */
  readonly count: number;
  readonly nan: number;
  readonly posInf: number;
  readonly negInf: number;
  /** Elements equal to zero, of either sign. */
  readonly zeros: number;
  /** Of the finite values, as everything below; undefined when there are none. */
  readonly min?: number;
  readonly max?: number;
  /** All digits of 64-bit integers, which a number may not hold. */
  readonly minDigits?: string;
  readonly maxDigits?: string;
  /** Place of the first smallest and largest element: in C order, or in the order of storage for other layouts. */
  readonly minAt?: number;
  readonly maxAt?: number;
  readonly mean?: number;
  /** Of the population: divided by the number of values. */
  readonly std?: number;
  readonly absmax?: number;
  /** Sum of magnitudes; 0 when there are no values. */
  readonly l1: number;
  /** Root of the sum of squares. */
  readonly l2: number;
  readonly distribution: Distribution;
}

export const isCounted = ({ dtype, channels }: Numbers): boolean => hasCodeTable(dtype) && !channels;
export const binSchemeOf = (dtype: DType): 'f32' | 'f64' => (dtype === 'f64' || dtype === 'c128' ? 'f64' : 'f32');

/** Joins partial results, in the order of their elements. */
export class StatsJoin {
  readonly #numbers: Numbers;
  readonly #counts = new CountSum();
  readonly #moments = noMoments();
  readonly #special = { nan: 0, posInf: 0, negInf: 0, zeros: 0 };
  #count = 0;
  #min = { value: Number.POSITIVE_INFINITY, at: -1, digits: undefined as string | undefined };
  #max = { value: Number.NEGATIVE_INFINITY, at: -1, digits: undefined as string | undefined };

  constructor(numbers: Numbers) {
    this.#numbers = numbers;
  }

  add(partial: StatsPartial): void {
    const first = this.#count;
    this.#count += partial.count;
    this.#counts.add(partial.counts);
    if (isBelow(partial.min, partial.minDigits, this.#min))
      this.#min = { value: partial.min, at: first + partial.minAt, digits: partial.minDigits };
    if (isAbove(partial.max, partial.maxDigits, this.#max))
      this.#max = { value: partial.max, at: first + partial.maxAt, digits: partial.maxDigits };
    if (!partial.wide) return;
    joinMoments(this.#moments, partial.wide);
    for (const key of ['nan', 'posInf', 'negInf', 'zeros'] as const) this.#special[key] += partial.wide[key];
  }

  /** The whole. `repeat` says how often each element stands in the tensor (an expanded view). */
  finish(repeat = 1): TensorStats {
    // Adding nothing turns -0 into 0: which of the two is found first depends on the kernel.
    const range = { min: this.#min.value + 0, max: this.#max.value + 0 };
    const { moments, special, distribution } = isCounted(this.#numbers)
      ? readCodes(this.#numbers, this.#counts.used())
      : {
          moments: this.#moments,
          special: this.#special,
          distribution: readBins(
            binSchemeOf(this.#numbers.dtype),
            this.#counts.used(),
            range,
            isIntegral(this.#numbers),
          ),
        };
    const { n, mean, m2, l1 } = moments;
    const values = n > 0 && {
      min: range.min,
      max: range.max,
      ...(this.#min.digits !== undefined && { minDigits: this.#min.digits }),
      ...(this.#max.digits !== undefined && { maxDigits: this.#max.digits }),
      minAt: this.#min.at,
      maxAt: this.#max.at,
      mean,
      std: Math.sqrt(m2 / n),
      absmax: Math.max(Math.abs(range.min), Math.abs(range.max)),
    };
    return {
      count: this.#count * repeat,
      nan: special.nan * repeat,
      posInf: special.posInf * repeat,
      negInf: special.negInf * repeat,
      zeros: special.zeros * repeat,
      ...values,
      l1: l1 * repeat,
      l2: Math.sqrt((m2 + n * mean * mean) * repeat),
      distribution:
        repeat === 1 ? distribution : { ...distribution, counts: distribution.counts.map((count) => count * repeat) },
    };
  }
}

type Extreme = { readonly value: number; readonly digits: string | undefined };
const isBelow = (value: number, digits: string | undefined, than: Extreme): boolean =>
  value < than.value ||
  (value === than.value && isOther(digits, than.digits) && BigInt(digits) < BigInt(than.digits ?? 0));
const isAbove = (value: number, digits: string | undefined, than: Extreme): boolean =>
  value > than.value ||
  (value === than.value && isOther(digits, than.digits) && BigInt(digits) > BigInt(than.digits ?? 0));
const isOther = (digits: string | undefined, than: string | undefined): digits is string =>
  digits !== undefined && than !== undefined && digits !== than;

const isIntegral = ({ dtype, affine, channels }: Numbers): boolean =>
  !affine &&
  !channels &&
  componentsOf(dtype) === 1 &&
  (familyOf(dtype) === 'int' || familyOf(dtype) === 'uint' || isWideInteger(dtype));

/** Everything about a type of few codes, from how often each occurs. */
function readCodes(numbers: Numbers, { codes, counts }: UsedCodes) {
  const special = { nan: 0, posInf: 0, negInf: 0, zeros: 0 };
  const finite: { readonly value: number; readonly count: number }[] = [];
  let n = 0;
  for (let i = 0; i < codes.length; i++) {
    const [value, count] = [codeValue(numbers, codes[i]!), counts[i]!];
    if (Number.isFinite(value)) {
      finite.push({ value, count });
      n += count;
    } else if (Number.isNaN(value)) special.nan += count;
    else if (value > 0) special.posInf += count;
    else special.negInf += count;
    if (value === 0) special.zeros += count;
  }
  finite.sort((a, b) => a.value - b.value);
  const low = new Float64Array(finite.length);
  const times = new Float64Array(finite.length);
  finite.forEach(({ value, count }, i) => {
    low[i] = value;
    times[i] = count;
  });
  const mean = n === 0 ? 0 : sumExactly(low, (value, i) => value * times[i]!) / n;
  const m2 = sumExactly(low, (value, i) => times[i]! * (value - mean) ** 2);
  const l1 = sumExactly(low, (value, i) => times[i]! * Math.abs(value));
  return {
    moments: { n, mean, m2, l1 },
    special,
    distribution: { exact: true, low, high: low, counts: times } satisfies Distribution,
  };
}

function sumExactly(values: Float64Array, term: (value: number, i: number) => number): number {
  const sum = new Sum();
  for (let i = 0; i < values.length; i++) sum.add(term(values[i] as number, i));
  return sum.value;
}

/** Parts of the elements for which a value is told in summaries. */
export const QUANTILES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] as const;

/** The values of `QUANTILES`, in their order; undefined when there are no finite values. */
export const quantilesOf = (stats: TensorStats): readonly (number | undefined)[] =>
  QUANTILES.map((q) => quantileOf(stats.distribution, q));
