/**
 * Every element type, one row each. Names are this program's own spelling; each format maps its own tags to them.
 * Sources: safetensors `tensor.rs`, PyTorch `c10/core/ScalarType.h`, `ml_dtypes`, ONNX `TensorProto.DataType`, ggml `ggml-common.h`.
 */
export type DTypeFamily =
  | 'float'
  | 'half'
  | 'float8'
  | 'int'
  | 'uint'
  | 'bool'
  | 'complex'
  | 'quant'
  /** Stored in blocks that stand for f32 numbers. */
  | 'block'
  | 'other';

interface DTypeRow {
  /** Bits of one logical element as stored, densely packed. Of blocks the average, which need not be whole: 4.5. */
  readonly bits: number;
  readonly family: DTypeFamily;
  readonly about: string;
  /** What is only stored together: so many elements of one row in so many bytes. */
  readonly block?: BlockSize;
}

export interface BlockSize {
  readonly elements: number;
  readonly bytes: number;
}

const inBlocks = (bytes: number, elements: number, about: string) =>
  ({ bits: (bytes * 8) / elements, family: 'block', block: { elements, bytes }, about }) as const;

/** Of types that no library reads which could say whether ours are right. */
const UNCHECKED = ' (decoder not checked against a reference)';

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
  q4_0: inBlocks(18, 32, '4-bit integers times the scale of their block'),
  q4_1: inBlocks(20, 32, '4-bit integers times the scale of their block, plus its minimum'),
  q5_0: inBlocks(22, 32, '5-bit integers times the scale of their block'),
  q5_1: inBlocks(24, 32, '5-bit integers times the scale of their block, plus its minimum'),
  q8_0: inBlocks(34, 32, '8-bit integers times the scale of their block'),
  q8_1: inBlocks(36, 32, `8-bit integers times the scale of their block, with their sum${UNCHECKED}`),
  q2_k: inBlocks(84, 256, '2-bit integers, 4-bit scales and minima of 16 each'),
  q3_k: inBlocks(110, 256, '3-bit integers, 6-bit scales of 16 each'),
  q4_k: inBlocks(144, 256, '4-bit integers, 6-bit scales and minima of 32 each'),
  q5_k: inBlocks(176, 256, '5-bit integers, 6-bit scales and minima of 32 each'),
  q6_k: inBlocks(210, 256, '6-bit integers, 8-bit scales of 16 each'),
  q8_k: inBlocks(292, 256, `8-bit integers times the scale of their block, with sums of 16 each${UNCHECKED}`),
  iq2_xxs: inBlocks(66, 256, 'points of a codebook of 256, eight elements each'),
  iq2_xs: inBlocks(74, 256, 'points of a codebook of 512, eight elements each'),
  iq2_s: inBlocks(82, 256, 'points of a codebook of 1024, eight elements each'),
  iq3_xxs: inBlocks(98, 256, 'points of a codebook of 256, four elements each'),
  iq3_s: inBlocks(110, 256, 'points of a codebook of 512, four elements each'),
  iq1_s: inBlocks(50, 256, 'points of a ternary codebook of 2048, eight elements each'),
  iq1_m: inBlocks(56, 256, 'points of a ternary codebook of 2048, eight elements each, with finer scales'),
  iq4_nl: inBlocks(18, 32, '16 uneven steps times the scale of their block'),
  iq4_xs: inBlocks(136, 256, '16 uneven steps, 6-bit scales of 32 each'),
  tq1_0: inBlocks(54, 256, '-1, 0 and 1, five a byte, times the scale of their block'),
  tq2_0: inBlocks(66, 256, '-1, 0 and 1, four a byte, times the scale of their block'),
  mxfp4: inBlocks(17, 32, '4-bit floats e2m1 times a power of two'),
  nvfp4: inBlocks(36, 64, '4-bit floats e2m1 times an unsigned float e4m3 for 16 each'),
  q1_0: inBlocks(18, 128, `signs, times the scale of their block${UNCHECKED}`),
  q2_0: inBlocks(18, 64, `-1, 0, 1 and 2, times the scale of their block${UNCHECKED}`),
} as const satisfies Record<string, DTypeRow>;

export type KnownDType = keyof typeof ROWS;
/** A type whose elements are only stored in blocks. */
export type BlockDType = { [K in KnownDType]: (typeof ROWS)[K]['family'] extends 'block' ? K : never }[KnownDType];
/** A known element type, or the file's own name for one that is not known (`other:NAME`). */
export type DType = KnownDType | `other:${string}`;

/** Bits of one element, family and a sentence part for people, by element type. */
export const DTYPES: Readonly<Record<KnownDType, DTypeRow>> = ROWS;
/** Order of the codes used in tree columns: code = position + 1, 0 = no dtype. */
export const DTYPE_ORDER = Object.keys(ROWS) as readonly KnownDType[];

/** Whether a name is one of DTYPES. */
export const isKnownDType = (name: string): name is KnownDType => Object.hasOwn(ROWS, name);
/** Bits of one element, or undefined for an unknown type. Of types in blocks it may be a fraction. */
export const bitsOf = (dtype: DType): number | undefined => (isKnownDType(dtype) ? ROWS[dtype].bits : undefined);
/** What kind of number it is; `other` for an unknown type. */
export const familyOf = (dtype: DType): DTypeFamily => (isKnownDType(dtype) ? ROWS[dtype].family : 'other');
/** Whether elements of a type are only stored in blocks. */
export const isBlockDType = (dtype: DType): dtype is BlockDType => familyOf(dtype) === 'block';
/** Types in blocks that numbers can be made into. */
export const QUANTISABLE: readonly BlockDType[] = ['q8_0', 'q5_1', 'q5_0', 'q4_1', 'q4_0'];
/** Of a type whose elements are only stored in blocks; undefined for all others. */
export function blockOf(dtype: BlockDType): BlockSize;
export function blockOf(dtype: DType): BlockSize | undefined;
export function blockOf(dtype: DType): BlockSize | undefined {
  return isBlockDType(dtype) ? ROWS[dtype].block : undefined;
}
/** The type of the numbers that elements are seen as: f32 for those in blocks, their own for all others. */
export const numberTypeOf = (dtype: DType): DType => (isBlockDType(dtype) ? 'f32' : dtype);
/** As a person reads it: `other:F9` is `F9`, `q4_k` is `Q4_K` as all who use it write it. */
export function dtypeLabel(dtype: DType): string {
  if (dtype.startsWith('other:')) return dtype.slice(6);
  return isBlockDType(dtype) ? dtype.toUpperCase() : dtype;
}

/** Elements of a shape; 1 for a scalar. Exact up to 2^53, Infinity past it. */
export function countElements(shape: readonly number[]): number {
  let n = 1;
  for (const dim of shape) n *= dim;
  return n <= Number.MAX_SAFE_INTEGER ? n : Number.POSITIVE_INFINITY;
}

/** Bytes of `count` densely packed elements, or undefined when those are no whole bytes or blocks, or the type is unknown. */
export function packedBytes(dtype: DType, count: number): number | undefined {
  const block = blockOf(dtype);
  if (block) return count % block.elements === 0 ? (count / block.elements) * block.bytes : undefined;
  const bits = bitsOf(dtype);
  if (bits === undefined) return undefined;
  if (bits % 8 === 0) return count * (bits / 8);
  const total = count * bits;
  return total % 8 === 0 ? total / 8 : undefined;
}
