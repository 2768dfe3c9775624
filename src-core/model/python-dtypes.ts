import { type DType, dtypeLabel, isKnownDType, type KnownDType } from '../tensor/dtype.ts';

/** Element types as NumPy, JAX, torch and MAX call them, and Caten for those it has. */
const NAMES: Readonly<Partial<Record<KnownDType, string>>> = {
  bool: 'bool',
  u8: 'uint8',
  i8: 'int8',
  u16: 'uint16',
  i16: 'int16',
  u32: 'uint32',
  i32: 'int32',
  u64: 'uint64',
  i64: 'int64',
  f16: 'float16',
  bf16: 'bfloat16',
  f32: 'float32',
  f64: 'float64',
  f8_e4m3fn: 'float8_e4m3fn',
  f8_e5m2: 'float8_e5m2',
  f8_e4m3fnuz: 'float8_e4m3fnuz',
  f8_e5m2fnuz: 'float8_e5m2fnuz',
  f8_e8m0: 'float8_e8m0fnu',
  f6_e2m3: 'float6_e2m3fn',
  f6_e3m2: 'float6_e3m2fn',
  f4: 'float4_e2m1fn',
  c32: 'complex32',
  c64: 'complex64',
  c128: 'complex128',
};
/** As NumPy and ml_dtypes call them. `int4` and its like take a byte an element in memory, and so in a file. */
export const NUMPY_NAMES: Readonly<Record<string, KnownDType>> = {
  bool: 'bool',
  int8: 'i8',
  uint8: 'u8',
  int16: 'i16',
  uint16: 'u16',
  int32: 'i32',
  uint32: 'u32',
  int64: 'i64',
  uint64: 'u64',
  float16: 'f16',
  bfloat16: 'bf16',
  float32: 'f32',
  float64: 'f64',
  complex64: 'c64',
  complex128: 'c128',
  float8_e4m3fn: 'f8_e4m3fn',
  float8_e5m2: 'f8_e5m2',
  float8_e4m3fnuz: 'f8_e4m3fnuz',
  float8_e5m2fnuz: 'f8_e5m2fnuz',
  float8_e8m0fnu: 'f8_e8m0',
  int4: 'i8',
  uint4: 'u8',
  int2: 'i8',
  uint2: 'u8',
};
/** As NumPy writes them into files, without the byte order: a letter for the kind, and bytes. */
export const NUMPY_CODES: Readonly<Record<string, KnownDType>> = {
  b1: 'bool',
  i1: 'i8',
  u1: 'u8',
  i2: 'i16',
  u2: 'u16',
  i4: 'i32',
  u4: 'u32',
  i8: 'i64',
  u8: 'u64',
  f2: 'f16',
  f4: 'f32',
  f8: 'f64',
  c8: 'c64',
  c16: 'c128',
};
const BY_NAME = new Map<string, DType>([
  ...Object.entries(NAMES).map(([dtype, name]): [string, DType] => [name, dtype as KnownDType]),
  ['half', 'f16'],
  ['float', 'f32'],
  ['double', 'f64'],
]);

/** `float32`; the program's own spelling for a type without such a name. */
export const pythonDType = (dtype: DType): string =>
  (isKnownDType(dtype) ? NAMES[dtype] : undefined) ?? dtypeLabel(dtype);

/** The type that `torch.float32`, `DType.float32`, `:float32`, `float32` or `f32` names. */
export function readPythonDType(text: string): DType {
  const name = text.replace(/^(?:torch\.|DType\.|np\.|numpy\.|jnp\.|:)/, '');
  const lower = name.toLowerCase();
  return BY_NAME.get(lower) ?? (isKnownDType(lower) ? lower : `other:${name}`);
}
