/** Values as a person or a recipe writes them (JSON) to elements of a tensor. */
import { StateglassError } from '../base/errors.ts';
import { componentsOf, decodeElements, isWideInteger } from '../tensor/decode.ts';
import { type DType, dtypeLabel, familyOf } from '../tensor/dtype.ts';
import { encodeElements, rangeOf, whyNotEncodable } from '../tensor/encode.ts';

const bad = (detail: string): StateglassError => new StateglassError({ kind: 'bad-input', detail });

/**
 * Bytes of the elements that `values` stands for: nested lists of this shape, numbers, `true` or `false`, or texts for what JSON has no
 * numbers for (`"NaN"`, `"-Infinity"`, whole numbers past 2^53). A complex number is a pair `[re, im]`, or a real number.
 *
 * @throws `bad-input` for another shape, and for what the type cannot hold; fractions are rounded to the nearest of a float.
 */
export function readElements(values: unknown, shape: readonly number[], dtype: DType): Uint8Array<ArrayBuffer> {
  const why = whyNotEncodable(dtype);
  if (why !== undefined)
    throw new StateglassError({ kind: 'unsupported', file: dtypeLabel(dtype), format: 'element type', detail: why });
  const scalars: (number | bigint)[] = [];
  collect(values, shape, dtype, scalars);
  if (!isWideInteger(dtype)) return encodeElements(dtype, Float64Array.from(scalars, Number));
  const integers = scalars.map((scalar) => BigInt(scalar));
  return encodeElements(dtype, dtype === 'i64' ? BigInt64Array.from(integers) : BigUint64Array.from(integers));
}

/** Whether one value is written, for as many elements as there are. */
export const isScalar = (values: unknown, dtype: DType): boolean =>
  !Array.isArray(values) || (componentsOf(dtype) === 2 && isPair(values));

const isPair = (values: readonly unknown[]): boolean =>
  values.length === 2 && values.every((value) => !Array.isArray(value));

function collect(values: unknown, shape: readonly number[], dtype: DType, into: (number | bigint)[]): void {
  const [dim, ...inner] = shape;
  if (dim === undefined) {
    if (componentsOf(dtype) === 2) {
      const pair = Array.isArray(values) && isPair(values) ? values : [values, 0];
      into.push(readScalar(pair[0], dtype), readScalar(pair[1], dtype));
    } else into.push(readScalar(values, dtype));
    return;
  }
  if (!Array.isArray(values) || values.length !== dim) {
    const got = Array.isArray(values) ? `${values.length} of them` : 'one value';
    throw bad(`the values do not have the shape of the slice: a list of ${dim} is wanted, ${got} came`);
  }
  for (const value of values) collect(value, inner, dtype, into);
}

const WORDS: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
};

function readScalar(value: unknown, dtype: DType): number | bigint {
  const number = toNumber(value);
  if (number === undefined) throw bad(`${JSON.stringify(value)} is not a number`);
  const family = familyOf(dtype);
  if (family === 'bool') {
    if (Number(number) === 0 || Number(number) === 1) return number;
    throw bad(`${value} is neither true nor false, and the tensor is bool`);
  }
  if (family === 'int' || family === 'uint') return checkInteger(number, dtype);
  checkFloat(Number(number), dtype);
  return number;
}

function toNumber(value: unknown): number | bigint | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (/^[+-]?\d+$/.test(text)) return BigInt(text.replace('+', ''));
  const [, sign, word = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  const known = WORDS[word.toLowerCase()] ?? (/^[\d.]/.test(word) ? Number(word) : Number.NaN);
  if (Number.isNaN(known) && word.toLowerCase() !== 'nan') return undefined;
  return sign === '-' ? -known : known;
}

function checkInteger(number: number | bigint, dtype: DType): number | bigint {
  if (typeof number === 'number' && !Number.isInteger(number))
    throw bad(`${number} is not a whole number, and the tensor is ${dtypeLabel(dtype)}`);
  const [low, high] = isWideInteger(dtype)
    ? dtype === 'i64'
      ? [-(2n ** 63n), 2n ** 63n - 1n]
      : [0n, 2n ** 64n - 1n]
    : rangeOf(dtype);
  if (number < low || number > high)
    throw bad(`${number} is outside the range of ${dtypeLabel(dtype)}, ${low} to ${high}`);
  return number;
}

/** A number that would become infinite, or another one by far, is a mistake. */
function checkFloat(number: number, dtype: DType): void {
  if (!Number.isFinite(number)) return;
  const bytes = encodeElements(
    dtype,
    Float64Array.from({ length: componentsOf(dtype) }, () => number),
  );
  const back = new Float64Array(componentsOf(dtype));
  decodeElements(dtype, bytes, 'little', 1, back);
  const isNear = Math.abs((back[0] as number) - number) <= Math.abs(number) / 2 || Math.abs(number) < 1;
  if (!isNear) throw bad(`${number} is too large for ${dtypeLabel(dtype)}`);
}
