import type { UsedCodes } from './code-counts.ts';

/**
 * How often each value, or each narrow range of values, occurs.
 *
 * Types of up to 16 bits have one bin for each of their values. Wider types are counted by the upper 16 bits of the number,
 * its sign, exponent and first bits of mantissa: a bin of an f32, an integer or a magnitude (all by their f32) is 1/128 of
 * its octave wide, a bin of an f64 1/16. A quantile read from it is therefore off by less than 1/128 (f64: 1/16) of itself,
 * and in practice by much less, since values are taken to lie evenly in their bin. Below 2^-126 (f64: 2^-1022) every
 * bin is 2^-133 (2^-1026) wide. Integers up to 255 have bins of their own and are exact.
 */
export interface Distribution {
  /** Whether `low[i] === high[i]` is the very value that occurs. */
  readonly exact: boolean;
  /** Ascending; finite values only, and only bins with something in them. */
  readonly low: Float64Array<ArrayBuffer>;
  readonly high: Float64Array<ArrayBuffer>;
  readonly counts: Float64Array<ArrayBuffer>;
}

/** Which bits of a number make its bin. */
export type BinScheme = 'f32' | 'f64';

/** Bins of one sign that hold finite numbers. */
export const F32_FINITE = 0x7f80;
const F64_FINITE = 0x7ff0;

const word = new Uint32Array(2);
const single = new Float32Array(word.buffer, 0, 1);
const double = new Float64Array(word.buffer);
/** Place of the upper half of a double in `word`. */
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/** The smallest magnitude of a bin, with its sign; -0 for the bin of negative zero. */
export function binStart(scheme: BinScheme, code: number): number {
  if (scheme === 'f32') {
    word[0] = code << 16;
    return single[0] as number;
  }
  word[1 - HIGH] = 0;
  word[HIGH] = code << 16;
  return double[0] as number;
}

/** The distribution of bins by code. `integral` values in a bin no wider than one are all its start. */
export function readBins(
  scheme: BinScheme,
  used: UsedCodes,
  range: { readonly min: number; readonly max: number },
  integral: boolean,
): Distribution {
  const finite = scheme === 'f32' ? F32_FINITE : F64_FINITE;
  const places = Array.from(used.codes.keys()).filter((i) => (used.codes[i]! & 0x7fff) < finite);
  const firstNegative = places.findIndex((i) => used.codes[i]! >= 0x8000);
  // Negative bins come last as numbers, the largest first.
  const order =
    firstNegative < 0 ? places : [...places.slice(firstNegative).reverse(), ...places.slice(0, firstNegative)];
  const low = new Float64Array(order.length);
  const high = new Float64Array(order.length);
  order.forEach((place, i) => {
    const code = used.codes[place]!;
    const start = binStart(scheme, code);
    const next = binStart(scheme, code + 1);
    const end = Number.isFinite(next) ? next : start;
    const isPoint = (integral && Math.abs(end - start) <= 1) || (code & 0x7fff) === 0;
    const [a, b] = isPoint ? [start, start] : code >= 0x8000 ? [end, start] : [start, end];
    // No value lies outside what was seen.
    low[i] = Math.max(a, range.min);
    high[i] = Math.min(b, range.max);
  });
  return { exact: false, low, high, counts: Float64Array.from(order, (place) => used.counts[place]!) };
}

/**
 * The value below which a part `q` of the elements lies, by linear interpolation between neighbours (NumPy's default).
 * Undefined when there are no elements.
 */
export function quantileOf(distribution: Distribution, q: number): number | undefined {
  let total = 0;
  for (const count of distribution.counts) total += count;
  if (total === 0) return undefined;
  const at = (total - 1) * q;
  const below = Math.floor(at);
  const a = valueAt(distribution, below);
  const b = valueAt(distribution, Math.min(below + 1, total - 1));
  // NumPy's own two-sided form: exact at both ends.
  const t = at - below;
  return t >= 0.5 ? b - (b - a) * (1 - t) : a + (b - a) * t;
}

/** The element at a place in ascending order. */
function valueAt({ low, high, counts }: Distribution, place: number): number {
  let before = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] as number;
    if (place < before + count) {
      const [a, b] = [low[i] as number, high[i] as number];
      return a === b ? a : a + (b - a) * ((place - before + 0.5) / count);
    }
    before += count;
  }
  return high[high.length - 1] as number;
}

/**
 * Counts in `bins` equally wide columns of [from, to], for drawing. What lies outside is left out; a bin that spans several
 * columns is shared between them.
 */
export function countColumns(
  distribution: Distribution,
  from: number,
  to: number,
  bins: number,
): Float64Array<ArrayBuffer> {
  const columns = new Float64Array(bins);
  const width = (to - from) / bins;
  distribution.counts.forEach((count, i) => {
    const [low, high] = [distribution.low[i] as number, distribution.high[i] as number];
    if (high < from || low > to) return;
    if (!(width > 0)) {
      columns[0] = (columns[0] as number) + count;
      return;
    }
    const first = Math.max(0, Math.min(bins - 1, Math.floor((low - from) / width)));
    const last = Math.max(0, Math.min(bins - 1, Math.floor((high - from) / width)));
    if (first === last || high === low) {
      columns[first] = (columns[first] as number) + count;
      return;
    }
    for (let column = first; column <= last; column++) {
      const a = Math.max(low, from + column * width);
      const b = Math.min(high, from + (column + 1) * width);
      columns[column] = (columns[column] as number) + (count * Math.max(0, b - a)) / (high - low);
    }
  });
  return columns;
}
