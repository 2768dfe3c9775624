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
import { bitsOf, type DType, familyOf, isKnownDType, type KnownDType } from './dtype.ts';

export type Endian = 'little' | 'big';
export type IntegerArray = BigInt64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>;

interface SmallFloat {
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly bias: number;
  /** Which codes are not finite. `ieee`: top exponent. `fn`: all ones is NaN. `fnuz`: only 0x80. `finite`: none. */
  readonly special: 'ieee' | 'fn' | 'fnuz' | 'finite';
}

const SMALL_FLOATS: Partial<Record<KnownDType, SmallFloat>> = {
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

function codeToNumber(dtype: KnownDType, code: number, bits: number): number {
  const float = SMALL_FLOATS[dtype];
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

const tables = new Map<DType, Float64Array<ArrayBuffer>>();

/**
 * The number of every code of a type of up to 16 bits: 4, 16, 256 or 65,536 of them. Undefined for wider types, for six
 * bits, and for unknown types. Quantised types give their raw codes. The table is shared: do not write to it.
 */
export function codeTable(dtype: DType): Float64Array<ArrayBuffer> | undefined {
  const bits = bitsOf(dtype);
  if (bits === undefined || bits > 16 || bits === 6 || !isKnownDType(dtype)) return undefined;
  let table = tables.get(dtype);
  if (!table) {
    table = Float64Array.from({ length: 2 ** bits }, (_, code) => codeToNumber(dtype, code, bits));
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
  return bits === 6 ? 'nobody specifies how 6-bit elements are packed' : undefined;
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

function checkLength(dtype: DType, bytes: Uint8Array, count: number): void {
  const need = Math.ceil((count * (bitsOf(dtype) ?? 0)) / 8);
  if (bytes.length < need) {
    const detail = `${count} elements of ${dtype} need ${need} bytes, ${bytes.length} were given`;
    throw new StateglassError({ kind: 'internal', detail });
  }
}

/**
 * Decodes the first `count` densely packed elements of `bytes` into `into` (twice as many numbers for complex types).
 * 64-bit integers are rounded to the nearest number: `decodeIntegers` keeps them exact. Throws `unsupported` for a type
 * that has no numbers.
 */
export function decodeElements(
  dtype: DType,
  bytes: Uint8Array<ArrayBuffer>,
  endian: Endian,
  count: number,
  into: Float64Array,
): void {
  const why = whyNotDecodable(dtype);
  const bits = bitsOf(dtype);
  if (why !== undefined || bits === undefined) throw refuse(dtype, why ?? 'no size');
  checkLength(dtype, bytes, count);
  const table = codeTable(dtype);
  if (table) {
    decodeCodes(table, bits, bytes, endian, count, into);
    return;
  }
  const components = componentsOf(dtype);
  const total = count * components;
  const width = bits / 8 / components;
  const host = hostBytes(bytes.subarray(0, total * width), width, endian);
  if (dtype === 'c32') {
    decodeCodes(codeTable('f16') as Float64Array, 16, host, HOST, total, into);
    return;
  }
  const { buffer, byteOffset } = host;
  if (isWideInteger(dtype)) {
    const wide =
      dtype === 'i64' ? new BigInt64Array(buffer, byteOffset, total) : new BigUint64Array(buffer, byteOffset, total);
    for (let i = 0; i < total; i++) into[i] = Number(wide[i]);
    return;
  }
  into.set(wideView(dtype, buffer, byteOffset, total));
}

function wideView(dtype: DType, buffer: ArrayBuffer, at: number, length: number): ArrayLike<number> {
  switch (dtype) {
    case 'f32':
    case 'c64':
      return new Float32Array(buffer, at, length);
    case 'f64':
    case 'c128':
      return new Float64Array(buffer, at, length);
    case 'u32':
      return new Uint32Array(buffer, at, length);
    case 'i32':
    case 'qint32':
      return new Int32Array(buffer, at, length);
    default:
      throw refuse(dtype, 'no decoder');
  }
}

function decodeCodes(
  table: Float64Array,
  bits: number,
  bytes: Uint8Array<ArrayBuffer>,
  endian: Endian,
  count: number,
  into: Float64Array,
): void {
  if (bits === 16) {
    const host = hostBytes(bytes.subarray(0, count * 2), 2, endian);
    const codes = new Uint16Array(host.buffer, host.byteOffset, count);
    for (let i = 0; i < count; i++) into[i] = table[codes[i] as number] as number;
  } else if (bits === 8) {
    for (let i = 0; i < count; i++) into[i] = table[bytes[i] as number] as number;
  } else {
    for (let i = 0; i < count; i++) into[i] = table[readSubByte(bytes, i, bits)] as number;
  }
}

/** The code of element `index` of a dense run of 2- or 4-bit elements, the first in the lowest bits. */
export function readSubByte(bytes: Uint8Array, index: number, bits: number): number {
  const bit = index * bits;
  const byte = bytes[Math.floor(bit / 8)] as number;
  return (byte >> (bit % 8)) & (2 ** bits - 1);
}

/** The exact values of `count` 64-bit integers. Throws `unsupported` for other types. */
export function decodeIntegers(
  dtype: DType,
  bytes: Uint8Array<ArrayBuffer>,
  endian: Endian,
  count: number,
): IntegerArray {
  if (!isWideInteger(dtype)) throw refuse(dtype, 'not a 64-bit integer type');
  checkLength(dtype, bytes, count);
  const host = hostBytes(bytes.slice(0, count * 8), 8, endian);
  const { buffer, byteOffset } = host;
  return dtype === 'i64' ? new BigInt64Array(buffer, byteOffset, count) : new BigUint64Array(buffer, byteOffset, count);
}
