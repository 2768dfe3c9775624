import type { DType, KnownDType } from '../../tensor/dtype.ts';

/** Types as NumPy and ml_dtypes call them. `int4` and its like take a byte an element in memory, and so in a file. */
const NAMES: Readonly<Record<string, KnownDType>> = {
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
const OWN = new Map(
  Object.entries(NAMES)
    .reverse()
    .map(([name, dtype]) => [dtype as DType, name] as const),
);

export const dtypeOf = (name: string): DType => NAMES[name] ?? `other:${name}`;

/** What NumPy calls a type; undefined for one that it does not have. `before`: what the file calls it, where it is kept. */
export const nameOf = (dtype: DType, before?: string): string | undefined =>
  before !== undefined && dtypeOf(before) === dtype ? before : OWN.get(dtype);
