import { NUMPY_CODES } from '../../model/python-dtypes.ts';
import type { KnownDType } from '../../tensor/dtype.ts';

/** Types that both versions call the same: those of ml_dtypes. Narrow integers take a byte each. */
const SHARED: Readonly<Record<string, KnownDType>> = {
  bfloat16: 'bf16',
  float8_e4m3fn: 'f8_e4m3fn',
  float8_e4m3fnuz: 'f8_e4m3fnuz',
  float8_e5m2: 'f8_e5m2',
  float8_e5m2fnuz: 'f8_e5m2fnuz',
  int4: 'i8',
  uint4: 'u8',
  int2: 'i8',
};
const V3: Readonly<Record<string, KnownDType>> = {
  ...SHARED,
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
  float32: 'f32',
  float64: 'f64',
  complex64: 'c64',
  complex128: 'c128',
};
const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

export const dtypeOfV3 = (name: string): KnownDType | undefined => own(V3, name);

export function dtypeOfV2(name: string): { readonly dtype: KnownDType; readonly endian: 'little' | 'big' } | undefined {
  const shared = own(SHARED, name);
  if (shared) return { dtype: shared, endian: 'little' };
  const dtype = /^[<>|]/.test(name) ? own(NUMPY_CODES, name.slice(1)) : undefined;
  return dtype && { dtype, endian: name.startsWith('>') ? 'big' : 'little' };
}
