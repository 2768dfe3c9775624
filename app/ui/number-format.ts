/** Numbers of a tensor in cells of equal width. Whole numbers are exact; floats share their places after the point. */

export type CellNumber = number | bigint | readonly [re: number, im: number];

export type NumberKind = 'whole' | 'truth' | 'float' | 'complex';

export interface NumberFormat {
  /** Most characters of a word, whole numbers aside. */
  readonly width: number;
  write(value: CellNumber): string;
}

/** `-1.2e-45` must fit. */
const MIN_FLOAT_WIDTH = 8;
/** More places than this and the powers of ten are easier to read. */
const MAX_PLACES = 7;
/** The size that most numbers of a sample do not pass: one outlier must not take the places from all others. */
const TYPICAL = 0.9;

export const isOdd = (value: CellNumber): boolean =>
  typeof value === 'object' ? value.some((part) => !Number.isFinite(part)) : !Number.isFinite(Number(value));

/** The same words everywhere for what is not finite. */
const oddWord = (value: number): string => (Number.isNaN(value) ? 'NaN' : value > 0 ? 'Inf' : '-Inf');

/**
 * A format for numbers of a kind. `digits` are significant ones, as many as the element type is good for; `sample` are some of
 * the numbers, from which the places after the point are chosen.
 */
export function formatFor(kind: NumberKind, digits: number, sample: ArrayLike<number | bigint> = []): NumberFormat {
  if (kind === 'whole') return { width: 5, write: (value) => wholeWord(value as number | bigint) };
  if (kind === 'truth') return { width: 5, write: (value) => (Number(value) === 0 ? 'False' : 'True') };
  const width = Math.max(MIN_FLOAT_WIDTH, digits + 4);
  const size = typicalSize(sample);
  const exponent = size === 0 ? 0 : Math.floor(Math.log10(size));
  const places = Math.max(0, digits - 1 - exponent);
  const write = (value: number) =>
    places > MAX_PLACES || exponent > digits + 1
      ? powerWord(value, digits, width)
      : fixedWord(value, Math.min(places, MAX_PLACES), width);
  if (kind === 'float') return { width, write: (value) => write(Number(value)) };
  return {
    width: 2 * width + 1,
    write: (value) => {
      const [re, im] = value as readonly [number, number];
      const imaginary = write(im);
      return `${write(re)}${imaginary.startsWith('-') ? '' : '+'}${imaginary}j`;
    },
  };
}

/** Exact; a dequantised or damaged number that is not whole is written as it is. */
const wholeWord = (value: number | bigint): string =>
  typeof value === 'bigint' || Number.isFinite(value) ? String(value) : oddWord(value);

function typicalSize(sample: ArrayLike<number | bigint>): number {
  const sizes: number[] = [];
  for (let i = 0; i < sample.length; i++) {
    const size = Math.abs(Number(sample[i]));
    if (size > 0 && Number.isFinite(size)) sizes.push(size);
  }
  sizes.sort((a, b) => a - b);
  return sizes[Math.floor(sizes.length * TYPICAL)] ?? sizes.at(-1) ?? 0;
}

function fixedWord(value: number, places: number, width: number): string {
  if (!Number.isFinite(value)) return oddWord(value);
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  // So small that only zeros would show.
  if (Math.abs(value) < 0.5 * 10 ** -places) return powerWord(value, 2, width);
  const word = value.toFixed(places);
  return word.length <= width ? word : powerWord(value, width, width);
}

/** As many of the digits as fit beside the power of ten. */
function powerWord(value: number, digits: number, width: number): string {
  if (!Number.isFinite(value)) return oddWord(value);
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  for (let places = Math.max(0, digits - 1); places > 0; places--) {
    const word = value.toExponential(places).replace('e+', 'e');
    if (word.length <= width) return word;
  }
  return value.toExponential(0).replace('e+', 'e');
}

/** Every digit that the number has, for one number at a time. */
export function exactWord(value: CellNumber, kind: NumberKind): string {
  if (kind === 'truth') return Number(value) === 0 ? 'False' : 'True';
  if (typeof value === 'object') {
    const [re, im] = value;
    return `${exactFloat(re)}${im < 0 || Object.is(im, -0) ? '-' : '+'}${exactFloat(Math.abs(im))}j`;
  }
  return kind === 'whole' ? wholeWord(value as number | bigint) : exactFloat(Number(value));
}

const exactFloat = (value: number): string => {
  if (!Number.isFinite(value)) return oddWord(value);
  return Object.is(value, -0) ? '-0' : String(value).replace('e+', 'e');
};
