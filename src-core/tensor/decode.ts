/**
 * Stored bytes to numbers.
 *
 * 8- and 16-bit types go through a table of all their codes: one look-up serves values and statistics, and no platform
 * Float16Array is needed. Float8 follows the OCP 8-bit floating point specification and, for the `fnuz` kinds and
 * `e8m0`, `ml_dtypes`; each is told by its exponent bits, its bias and which codes are not finite.
 *
 * Types under a byte are packed with the first element in the lowest bits: torch's `Float4_e2m1fn_x2.h` ("from MSB to
 * LSB: val1, val0"), its `quint4x2` and `quint2x4`, ONNX's INT4 and INT2, and the safetensors `F4` written by torch.
 * For six bits nobody says it (torch has no such type, safetensors only counts the bytes): those are refused.
 */
import { StateglassError } from '../base/errors.ts';
import { bitsOf, type DType, familyOf, isBlockDType, isKnownDType, type KnownDType } from './dtype.ts';

export type Endian = 'little' | 'big';
export type IntegerArray = BigInt64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>;

export interface SmallFloat {
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly bias: number;
  /** Which codes are not finite. `ieee`: top exponent. `fn`: all ones is NaN. `fnuz`: only 0x80. `finite`: none. */
  readonly special: 'ieee' | 'fn' | 'fnuz' | 'finite';
}

export const SMALL_FLOATS: Partial<Record<KnownDType, SmallFloat>> = {
  f16: { exponentBits: 5, mantissaBits: 10, bias: 15, special: 'ieee' },
  bf16: { exponentBits: 8, mantissaBits: 7, bias: 127, special: 'ieee' },
  f8_e4m3fn: { exponentBits: 4, mantissaBits: 3, bias: 7, special: 'fn' },
  f8_e5m2: { exponentBits: 5, mantissaBits: 2, bias: 15, special: 'ieee' },
  f8_e4m3fnuz: { exponentBits: 4, mantissaBits: 3, bias: 8, special: 'fnuz' },
  f8_e5m2fnuz: { exponentBits: 5, mantissaBits: 2, bias: 16, special: 'fnuz' },
  f4: { exponentBits: 2, mantissaBits: 1, bias: 1, special: 'finite' },
};

function smallFloat(code: number, { exponentBits, mantissaBits, bias, special }: SmallFloat): number {
  const mantissa = code & (2 ** mantissaBits - 1);
  const top = 2 ** exponentBits - 1;
  const exponent = (code >> mantissaBits) & top;
  const negative = code >> (exponentBits + mantissaBits) === 1;
  const sign = negative ? -1 : 1;
  if (special === 'fnuz' && negative && exponent === 0 && mantissa === 0) return Number.NaN;
  if (special === 'ieee' && exponent === top) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (special === 'fn' && exponent === top && mantissa === 2 ** mantissaBits - 1) return Number.NaN;
  if (exponent === 0) return sign * mantissa * 2 ** (1 - bias - mantissaBits);
  return sign * (1 + mantissa / 2 ** mantissaBits) * 2 ** (exponent - bias);
}

/** The number of one code of a type that `hasCodeTable`. */
export function codeToNumber(dtype: DType, code: number): number {
  const bits = bitsOf(dtype) ?? 0;
  const float = isKnownDType(dtype) ? SMALL_FLOATS[dtype] : undefined;
  if (float) return smallFloat(code, float);
  switch (dtype) {
    case 'bool':
      return code === 0 ? 0 : 1;
    case 'f8_e8m0':
      return code === 0xff ? Number.NaN : 2 ** (code - 127);
    case 'i2':
    case 'i4':
    case 'i8':
    case 'i16':
    case 'qint8':
      return code >= 2 ** (bits - 1) ? code - 2 ** bits : code;
    default:
      return code;
  }
}

/** Types of up to 16 bits, but for six bits, those in blocks and unknown ones: few enough codes to list. */
export function hasCodeTable(dtype: DType): boolean {
  const bits = bitsOf(dtype);
  return bits !== undefined && bits <= 16 && bits !== 6 && !isBlockDType(dtype);
}

const tables = new Map<DType, Float64Array<ArrayBuffer>>();

/**
 * The number of every code of a type of up to 16 bits: 4, 16, 256 or 65,536 of them. Undefined for wider types, for six
 * bits, and for unknown types. Quantised types give their raw codes. The table is shared: do not write to it.
 */
export function codeTable(dtype: DType): Float64Array<ArrayBuffer> | undefined {
  if (!hasCodeTable(dtype)) return undefined;
  let table = tables.get(dtype);
  if (!table) {
    table = Float64Array.from({ length: 2 ** (bitsOf(dtype) ?? 0) }, (_, code) => codeToNumber(dtype, code));
    tables.set(dtype, table);
  }
  return table;
}

/** As `codeTable`, for types of whole bytes only: 256 or 65,536 numbers by code. */
export function decodeTable(dtype: DType): Float64Array<ArrayBuffer> | undefined {
  return (bitsOf(dtype) ?? 0) >= 8 ? codeTable(dtype) : undefined;
}

/** Why elements of this type cannot be shown as numbers, as a sentence part; undefined when they can. */
export function whyNotDecodable(dtype: DType): string | undefined {
  const bits = bitsOf(dtype);
  if (bits === undefined) return 'the element type is not known';
  return bits === 6 && !isBlockDType(dtype) ? 'nobody specifies how 6-bit elements are packed' : undefined;
}

/** Numbers per element: 2 for complex types (real, imaginary), 1 for all others. */
export const componentsOf = (dtype: DType): 1 | 2 => (familyOf(dtype) === 'complex' ? 2 : 1);

/** Whether exact values of this type need more than a number's 53 bits. */
export const isWideInteger = (dtype: DType): dtype is 'i64' | 'u64' => dtype === 'i64' || dtype === 'u64';

const HOST: Endian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 'little' : 'big';

/** The same components in this machine's byte order at an aligned address; a copy only where one is needed. */
function hostBytes(bytes: Uint8Array<ArrayBuffer>, width: number, endian: Endian): Uint8Array<ArrayBuffer> {
  if (width === 1) return bytes;
  if (endian === HOST) return bytes.byteOffset % width === 0 ? bytes : bytes.slice();
  const swapped = new Uint8Array(bytes.length - (bytes.length % width));
  for (let at = 0; at < swapped.length; at += width) {
    for (let i = 0; i < width; i++) swapped[at + i] = bytes[at + width - 1 - i] as number;
  }
  return swapped;
}

const refuse = (dtype: DType, detail: string): StateglassError =>
  new StateglassError({ kind: 'unsupported', file: dtype, format: 'element type', detail });

/** Numbers of elements: 64-bit integers stay exact, complex ones are pairs (real, imaginary). */
export type ValueArray = Float64Array<ArrayBuffer> | IntegerArray;

/**
 * Copies `count` elements: the one at position `from` of the decoded bytes and every `step`-th after it, into `into[at]` and
 * every `atStep`-th after that. Positions and steps count elements on both sides, and may run backwards. For complex types an
 * element of `into` is two numbers; 64-bit integers are rounded when `into` holds plain numbers.
 */
export type ElementCopier = (
  from: number,
  step: number,
  count: number,
  into: ValueArray,
  at: number,
  atStep: number,
) => void;

/**
 * What copies elements out of densely packed bytes. The work that depends on the type is done once, here.
 *
 * @throws `unsupported` for a type that has no numbers.
 */
export function elementCopier(dtype: DType, bytes: Uint8Array<ArrayBuffer>, endian: Endian): ElementCopier {
  const why = whyNotDecodable(dtype);
  const bits = bitsOf(dtype);
  if (why !== undefined || bits === undefined) throw refuse(dtype, why ?? 'it has no size');
  if (isBlockDType(dtype)) throw refuse(dtype, 'its elements are only stored in blocks');
  const components = componentsOf(dtype);
  const width = bits / 8 / components;
  if (bits < 8) return copySubByte(codeTable(dtype) as Float64Array, bytes, bits);
  const { buffer, byteOffset, length } = hostBytes(bytes, width, endian);
  const units = Math.floor(length / width);
  if (isWideInteger(dtype)) {
    const wide = dtype === 'i64' ? BigInt64Array : BigUint64Array;
    return copyWide(new wide(buffer, byteOffset, units));
  }
  const numbers = numberUnits(dtype as KnownDType, width, buffer, byteOffset, units);
  const table = codeTable(dtype === 'c32' ? 'f16' : dtype);
  if (components === 2) return copyPairs(table ? decodeAll(table, numbers) : numbers);
  return table ? copyCodes(table, numbers) : copyNumbers(numbers);
}

type NumberUnits = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/** Codes of a type that has a table, numbers of any other. */
function numberUnits(dtype: KnownDType, width: number, buffer: ArrayBuffer, at: number, units: number): NumberUnits {
  if (width === 1) return new Uint8Array(buffer, at, units);
  if (width === 2) return new Uint16Array(buffer, at, units);
  if (width === 8) return new Float64Array(buffer, at, units);
  if (dtype === 'u32') return new Uint32Array(buffer, at, units);
  if (dtype === 'i32' || dtype === 'qint32') return new Int32Array(buffer, at, units);
  return new Float32Array(buffer, at, units);
}

function decodeAll(table: Float64Array, codes: NumberUnits): Float64Array {
  const out = new Float64Array(codes.length);
  for (let i = 0; i < out.length; i++) out[i] = table[codes[i] as number] as number;
  return out;
}

// One loop per kind: a loop that sees one kind of array is compiled for it.

const copyNumbers =
  (units: NumberUnits): ElementCopier =>
  (from, step, count, into, at, atStep) => {
    for (let i = 0; i < count; i++) into[at + i * atStep] = units[from + i * step] as number;
  };

const copyCodes =
  (table: Float64Array, codes: NumberUnits): ElementCopier =>
  (from, step, count, into, at, atStep) => {
    for (let i = 0; i < count; i++) into[at + i * atStep] = table[codes[from + i * step] as number] as number;
  };

const copySubByte =
  (table: Float64Array, bytes: Uint8Array, bits: number): ElementCopier =>
  (from, step, count, into, at, atStep) => {
    for (let i = 0; i < count; i++) into[at + i * atStep] = table[readSubByte(bytes, from + i * step, bits)] as number;
  };

const copyPairs =
  (units: NumberUnits): ElementCopier =>
  (from, step, count, into, at, atStep) => {
    for (let i = 0; i < count; i++) {
      into[2 * (at + i * atStep)] = units[2 * (from + i * step)] as number;
      into[2 * (at + i * atStep) + 1] = units[2 * (from + i * step) + 1] as number;
    }
  };

const copyWide =
  (units: IntegerArray): ElementCopier =>
  (from, step, count, into, at, atStep) => {
    if (into instanceof Float64Array) {
      for (let i = 0; i < count; i++) into[at + i * atStep] = Number(units[from + i * step]);
    } else {
      for (let i = 0; i < count; i++) into[at + i * atStep] = units[from + i * step] as bigint;
    }
  };

/**
 * Decodes the first `count` densely packed elements of `bytes` into `into` (twice as many numbers for complex types).
 * 64-bit integers are rounded to the nearest number: `decodeIntegers` keeps them exact.
 *
 * @throws `unsupported` for a type that has no numbers.
 */
export function decodeElements(
  dtype: DType,
  bytes: Uint8Array<ArrayBuffer>,
  endian: Endian,
  count: number,
  into: Float64Array<ArrayBuffer>,
): void {
  elementCopier(dtype, firstElements(dtype, bytes, count), endian)(0, 1, count, into, 0, 1);
}

/**
 * The exact values of the first `count` 64-bit integers of `bytes`.
 *
 * @throws `unsupported` for other types.
 */
export function decodeIntegers(
  dtype: DType,
  bytes: Uint8Array<ArrayBuffer>,
  endian: Endian,
  count: number,
): IntegerArray {
  if (!isWideInteger(dtype)) throw refuse(dtype, 'not a 64-bit integer type');
  const into = dtype === 'i64' ? new BigInt64Array(count) : new BigUint64Array(count);
  elementCopier(dtype, firstElements(dtype, bytes, count), endian)(0, 1, count, into, 0, 1);
  return into;
}

/** The code of element `index` of a dense run of 2- or 4-bit elements, the first in the lowest bits. */
export function readSubByte(bytes: Uint8Array, index: number, bits: number): number {
  const bit = index * bits;
  const byte = bytes[Math.floor(bit / 8)] as number;
  return (byte >> (bit % 8)) & (2 ** bits - 1);
}

function firstElements(dtype: DType, bytes: Uint8Array<ArrayBuffer>, count: number): Uint8Array<ArrayBuffer> {
  const need = Math.ceil((count * (bitsOf(dtype) ?? 0)) / 8);
  if (bytes.length < need) {
    const detail = `${count} elements of ${dtype} need ${need} bytes, ${bytes.length} were given`;
    throw new StateglassError({ kind: 'internal', detail });
  }
  return bytes.subarray(0, need);
}
