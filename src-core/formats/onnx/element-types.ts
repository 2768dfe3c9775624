import type { DType } from '../../tensor/dtype.ts';
import type { TypedField } from './model.ts';

interface ElementType {
  /** As `onnx.TensorProto.DataType` spells it. */
  readonly name: string;
  readonly dtype?: DType;
  /** Where elements are that are not raw, and bytes of the element that each number there stands for. */
  readonly field?: TypedField;
  readonly width?: number;
}

/** By TensorProto.DataType. Types under a byte are packed, a byte to each number of `int32_data`; of a complex number both parts follow one another. */
const TYPES: readonly ElementType[] = [
  { name: 'UNDEFINED' },
  { name: 'FLOAT', dtype: 'f32', field: 'float_data', width: 4 },
  { name: 'UINT8', dtype: 'u8', field: 'int32_data', width: 1 },
  { name: 'INT8', dtype: 'i8', field: 'int32_data', width: 1 },
  { name: 'UINT16', dtype: 'u16', field: 'int32_data', width: 2 },
  { name: 'INT16', dtype: 'i16', field: 'int32_data', width: 2 },
  { name: 'INT32', dtype: 'i32', field: 'int32_data', width: 4 },
  { name: 'INT64', dtype: 'i64', field: 'int64_data', width: 8 },
  { name: 'STRING' },
  { name: 'BOOL', dtype: 'bool', field: 'int32_data', width: 1 },
  { name: 'FLOAT16', dtype: 'f16', field: 'int32_data', width: 2 },
  { name: 'DOUBLE', dtype: 'f64', field: 'double_data', width: 8 },
  { name: 'UINT32', dtype: 'u32', field: 'uint64_data', width: 4 },
  { name: 'UINT64', dtype: 'u64', field: 'uint64_data', width: 8 },
  { name: 'COMPLEX64', dtype: 'c64', field: 'float_data', width: 4 },
  { name: 'COMPLEX128', dtype: 'c128', field: 'double_data', width: 8 },
  { name: 'BFLOAT16', dtype: 'bf16', field: 'int32_data', width: 2 },
  { name: 'FLOAT8E4M3FN', dtype: 'f8_e4m3fn', field: 'int32_data', width: 1 },
  { name: 'FLOAT8E4M3FNUZ', dtype: 'f8_e4m3fnuz', field: 'int32_data', width: 1 },
  { name: 'FLOAT8E5M2', dtype: 'f8_e5m2', field: 'int32_data', width: 1 },
  { name: 'FLOAT8E5M2FNUZ', dtype: 'f8_e5m2fnuz', field: 'int32_data', width: 1 },
  { name: 'UINT4', dtype: 'u4', field: 'int32_data', width: 1 },
  { name: 'INT4', dtype: 'i4', field: 'int32_data', width: 1 },
  { name: 'FLOAT4E2M1', dtype: 'f4', field: 'int32_data', width: 1 },
  { name: 'FLOAT8E8M0', dtype: 'f8_e8m0', field: 'int32_data', width: 1 },
  { name: 'UINT2', dtype: 'u2', field: 'int32_data', width: 1 },
  { name: 'INT2', dtype: 'i2', field: 'int32_data', width: 1 },
];

export const STRING_TYPE = 8;

/** What a type is here; a type that is not known keeps its number. */
export const elementTypeOf = (type: number): ElementType => TYPES[type] ?? { name: `type ${type}` };

/** The number of a type; undefined where there is none. */
export function typeOfDType(dtype: DType): number | undefined {
  const at = TYPES.findIndex((one) => one.dtype === dtype);
  return at < 0 ? undefined : at;
}
