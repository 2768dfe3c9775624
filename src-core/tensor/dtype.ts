/**
 * Every element type, one row each. Names are this program's own spelling; each format maps its own tags to them.
 * Sources: safetensors `tensor.rs`, PyTorch `c10/core/ScalarType.h`, `ml_dtypes`, ONNX `TensorProto.DataType`.
 */
export type DTypeFamily = 'float' | 'half' | 'float8' | 'int' | 'uint' | 'bool' | 'complex' | 'quant' | 'other';

interface DTypeRow {
  /** Bits of one logical element as stored, densely packed. */
  readonly bits: number;
  readonly family: DTypeFamily;
  readonly about: string;
}

const ROWS = {
  bool: { bits: 8, family: 'bool', about: 'boolean, one byte' },
  u8: { bits: 8, family: 'uint', about: 'unsigned 8-bit integer' },
  i8: { bits: 8, family: 'int', about: 'signed 8-bit integer' },
  u16: { bits: 16, family: 'uint', about: 'unsigned 16-bit integer' },
  i16: { bits: 16, family: 'int', about: 'signed 16-bit integer' },
  u32: { bits: 32, family: 'uint', about: 'unsigned 32-bit integer' },
  i32: { bits: 32, family: 'int', about: 'signed 32-bit integer' },
  u64: { bits: 64, family: 'uint', about: 'unsigned 64-bit integer' },
  i64: { bits: 64, family: 'int', about: 'signed 64-bit integer' },
  u4: { bits: 4, family: 'uint', about: 'unsigned 4-bit integer' },
  i4: { bits: 4, family: 'int', about: 'signed 4-bit integer' },
  u2: { bits: 2, family: 'uint', about: 'unsigned 2-bit integer' },
  i2: { bits: 2, family: 'int', about: 'signed 2-bit integer' },
  f16: { bits: 16, family: 'half', about: 'IEEE half precision' },
  bf16: { bits: 16, family: 'half', about: 'bfloat16: f32 with 8 bits of significand' },
  f32: { bits: 32, family: 'float', about: 'IEEE single precision' },
  f64: { bits: 64, family: 'float', about: 'IEEE double precision' },
  f8_e4m3fn: { bits: 8, family: 'float8', about: '8-bit float, bias 7, no infinity, max 448' },
  f8_e5m2: { bits: 8, family: 'float8', about: '8-bit float, bias 15, IEEE-like' },
  f8_e4m3fnuz: { bits: 8, family: 'float8', about: '8-bit float, bias 8, no infinity, no negative zero' },
  f8_e5m2fnuz: { bits: 8, family: 'float8', about: '8-bit float, bias 16, no infinity, no negative zero' },
  f8_e8m0: { bits: 8, family: 'float8', about: '8-bit power of two (scale)' },
  f6_e2m3: { bits: 6, family: 'float8', about: '6-bit float, bias 1, max 7.5' },
  f6_e3m2: { bits: 6, family: 'float8', about: '6-bit float, bias 3, max 28' },
  f4: { bits: 4, family: 'float8', about: '4-bit float e2m1, max 6' },
  c32: { bits: 32, family: 'complex', about: 'complex of two f16' },
  c64: { bits: 64, family: 'complex', about: 'complex of two f32' },
  c128: { bits: 128, family: 'complex', about: 'complex of two f64' },
  qint8: { bits: 8, family: 'quant', about: 'PyTorch quantised signed 8-bit' },
  quint8: { bits: 8, family: 'quant', about: 'PyTorch quantised unsigned 8-bit' },
  qint32: { bits: 32, family: 'quant', about: 'PyTorch quantised signed 32-bit' },
  quint4x2: { bits: 4, family: 'quant', about: 'PyTorch quantised unsigned 4-bit, two a byte' },
  quint2x4: { bits: 2, family: 'quant', about: 'PyTorch quantised unsigned 2-bit, four a byte' },
  bits8: { bits: 8, family: 'other', about: 'PyTorch untyped 8 bits' },
  bits16: { bits: 16, family: 'other', about: 'PyTorch untyped 16 bits' },
} as const satisfies Record<string, DTypeRow>;

export type KnownDType = keyof typeof ROWS;
/** A known element type, or the file's own name for one that is not known (`other:NAME`). */
export type DType = KnownDType | `other:${string}`;

/** Bits of one element, family and a sentence part for people, by element type. */
export const DTYPES: Readonly<Record<KnownDType, DTypeRow>> = ROWS;
/** Order of the codes used in tree columns: code = position + 1, 0 = no dtype. */
export const DTYPE_ORDER = Object.keys(ROWS) as readonly KnownDType[];

/** Whether a name is one of DTYPES. */
export const isKnownDType = (name: string): name is KnownDType => Object.hasOwn(ROWS, name);
/** Bits of one element, or undefined for an unknown type. */
export const bitsOf = (dtype: DType): number | undefined => (isKnownDType(dtype) ? ROWS[dtype].bits : undefined);
/** What kind of number it is; `other` for an unknown type. */
export const familyOf = (dtype: DType): DTypeFamily => (isKnownDType(dtype) ? ROWS[dtype].family : 'other');
/** As a person reads it: `other:F9` is `F9`. */
export const dtypeLabel = (dtype: DType): string => (dtype.startsWith('other:') ? dtype.slice(6) : dtype);

/** Elements of a shape; 1 for a scalar. Exact up to 2^53, Infinity past it. */
export function countElements(shape: readonly number[]): number {
  let n = 1;
  for (const dim of shape) n *= dim;
  return n <= Number.MAX_SAFE_INTEGER ? n : Number.POSITIVE_INFINITY;
}

/** Bytes of `count` densely packed elements, or undefined when that is not whole or the type is unknown. */
export function packedBytes(dtype: DType, count: number): number | undefined {
  const bits = bitsOf(dtype);
  if (bits === undefined) return undefined;
  if (bits % 8 === 0) return count * (bits / 8);
  const total = count * bits;
  return total % 8 === 0 ? total / 8 : undefined;
}
