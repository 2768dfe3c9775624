/** Arrays as NumPy prints them: aligned, wrapped, with `...` where an axis is cut short. */
import { type DType, familyOf } from '../src-core/index.ts';

export interface PrintedArray {
  readonly dtype: DType;
  /** The values that are there: of a cut axis the first and last EDGE only. */
  readonly shape: readonly number[];
  readonly values: ArrayLike<number | bigint>;
  readonly complex?: true | undefined;
  /** Axes of which only the edges are there. */
  readonly cut: readonly boolean[];
}

/** Values at either end of a cut axis. */
export const EDGE = 3;
const WIDTH = 75;
/** Most digits after the point. */
const PRECISION = 8;
/** The most that JavaScript writes. A double that lies between two roundings has far fewer. */
const MOST_DIGITS = 100;

/** Without a line break at the end. */
export function printArray(array: PrintedArray): string {
  const words = formatWords(array);
  if (array.shape.length === 0) return (words[0] as string).trim();
  if (words.length === 0) return `[] (shape ${array.shape.join('×')})`;
  return printAxis(array, words, 0, 0, ' ', WIDTH);
}

/** One axis in brackets. `at` is the first of its words; lines after the first begin with `indent`. */
function printAxis(
  array: PrintedArray,
  words: string[],
  axis: number,
  at: number,
  indent: string,
  width: number,
): string {
  const { shape, cut } = array;
  const count = shape[axis] as number;
  const isCut = cut[axis] === true;
  const isLast = axis === shape.length - 1;
  const step = shape.slice(axis + 1).reduce((n, dim) => n * dim, 1);
  const items = Array.from({ length: count }, (_, i) =>
    isLast ? (words[at + i] as string) : printAxis(array, words, axis + 1, at + i * step, `${indent} `, width - 1),
  );
  if (isCut) items.splice(EDGE, 0, '...');
  if (!isLast) return `[${items.join(`${'\n'.repeat(shape.length - 1 - axis)}${indent}`)}]`;
  const lines: string[] = [];
  let line = indent;
  items.forEach((word, i) => {
    // The last word of a line is followed by a bracket.
    const room = i === items.length - 1 ? width - 1 : width;
    if (line.length > indent.length && line.length + word.length > room) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  });
  lines.push(line.slice(0, -1));
  return `[${lines.join('\n').slice(indent.length)}]`;
}

function formatWords({ dtype, values, complex }: PrintedArray): string[] {
  const family = familyOf(dtype);
  if (complex) return formatComplex(dtype, values as ArrayLike<number>);
  const all = Array.from(values);
  if (family === 'bool') return all.map((value) => (value === 0 ? 'False' : ' True'));
  const isWhole = family === 'int' || family === 'uint' || family === 'other' || typeof all[0] === 'bigint';
  if (isWhole) return padStarts(all.map(String));
  return formatFloats(dtype, all as number[]);
}

function formatComplex(dtype: DType, values: ArrayLike<number>): string[] {
  const numbers = Array.from(values);
  const re = formatFloats(
    dtype,
    numbers.filter((_, i) => i % 2 === 0),
  );
  const im = formatFloats(dtype, numbers.filter((_, i) => i % 2 === 1).map(Math.abs));
  return re.map((word, i) => {
    const imaginary = numbers[2 * i + 1] as number;
    const sign = imaginary < 0 || Object.is(imaginary, -0) ? '-' : '+';
    const part = (im[i] as string).trimStart();
    return `${word}${sign}${part.trimEnd()}j${' '.repeat(part.length - part.trimEnd().length)}`;
  });
}

const padStarts = (words: string[]): string[] => {
  const width = Math.max(...words.map((word) => word.length));
  return words.map((word) => word.padStart(width));
};

function formatFloats(dtype: DType, values: readonly number[]): string[] {
  const sizes = values.filter((value) => Number.isFinite(value) && value !== 0).map(Math.abs);
  const [low, high] = sizes.reduce(
    ([a, b], size) => [Math.min(a, size), Math.max(b, size)],
    [Number.POSITIVE_INFINITY, 0],
  );
  const scientific = sizes.length > 0 && (high >= 1e8 || low < 1e-4 || high / low > 1000);
  const finite = values.map((value) => (Number.isFinite(value) ? shorten(dtype, value) : value));
  const words = scientific ? scientificWords(finite) : fixedWords(finite);
  return padStarts(words);
}

/** Aligned at the point: `1.  `, `0.25`. */
function fixedWords(values: readonly number[]): string[] {
  const words = values.map((value) => {
    if (!Number.isFinite(value)) return nonFinite(value);
    const [whole = '', part = ''] = roundToEven(value, PRECISION, 'toFixed').split('.');
    return `${signOf(value)}${whole}.${part.replace(/0+$/, '')}`;
  });
  const right = Math.max(0, ...words.map((word) => (word.includes('.') ? word.length - word.indexOf('.') - 1 : 0)));
  return words.map((word) => (word.includes('.') ? word.padEnd(word.indexOf('.') + 1 + right) : word));
}

/** All with the same digits: `1.50e-05`. */
function scientificWords(values: readonly number[]): string[] {
  const split = (value: number, digits?: number) => {
    const written =
      digits === undefined ? Math.abs(value).toExponential() : roundToEven(value, digits, 'toExponential');
    const [mantissa = '', exponent = '+0'] = written.split('e');
    const [whole = '', part = ''] = mantissa.split('.');
    return { whole, part, exponent };
  };
  const finite = values.filter(Number.isFinite);
  const digits = Math.min(PRECISION, Math.max(0, ...finite.map((value) => split(value).part.length)));
  const width = Math.max(2, ...finite.map((value) => split(value).exponent.length - 1));
  return values.map((value) => {
    if (!Number.isFinite(value)) return nonFinite(value);
    const { whole, part, exponent } = split(value, digits);
    return `${signOf(value)}${whole}.${part}e${exponent[0]}${exponent.slice(1).padStart(width, '0')}`;
  });
}

/** The size with so many digits after the point. Of two that are as near, NumPy takes the even one and JavaScript the larger. */
function roundToEven(value: number, digits: number, write: 'toFixed' | 'toExponential'): string {
  const size = Math.abs(value);
  const [mantissa = '', exponent] = size[write](MOST_DIGITS).split('e');
  const point = mantissa.indexOf('.') + 1;
  const isTie = /^50*$/.test(mantissa.slice(point + digits));
  const kept = mantissa.slice(0, point + digits);
  if (!isTie || !/[02468]\.?$/.test(kept)) return size[write](digits);
  return exponent === undefined ? kept : `${kept}e${exponent}`;
}

const signOf = (value: number): string => (value < 0 || Object.is(value, -0) ? '-' : '');
const nonFinite = (value: number): string => (Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf');

/** Bits of significand that are stored, by type; f64 and wider need no shortening. */
const MANTISSA: Partial<Record<DType, readonly [bits: number, minExponent: number]>> = {
  f32: [23, -126],
  c64: [23, -126],
  qint8: [23, -126],
  quint8: [23, -126],
  qint32: [23, -126],
  quint4x2: [23, -126],
  quint2x4: [23, -126],
  f16: [10, -14],
  c32: [10, -14],
  bf16: [7, -126],
};

/** The number with the fewest digits that the type would store as this value: 0.1 for the f32 nearest to 0.1. */
function shorten(dtype: DType, value: number): number {
  const form = MANTISSA[dtype];
  if (!form || value === 0 || Number.isInteger(value)) return value;
  const [bits, minExponent] = form;
  const exponent = Math.max(minExponent, Math.floor(Math.log2(Math.abs(value))));
  // Half the distance to the next value; towards zero the next one is nearer below a power of two.
  const half = 2 ** (exponent - bits - 1);
  const inner = Math.abs(value) === 2 ** exponent ? half / 2 : half;
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    const away = Math.abs(short) - Math.abs(value);
    if (away < half && -away < inner) return short;
  }
  return value;
}
