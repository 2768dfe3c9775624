import type { PickleNode } from '../../bytes/pickle/nodes.ts';
import type { DType } from '../../tensor/dtype.ts';

/** An element type of torch: what it is here, and the bytes one torch element takes in a storage. */
export interface TorchDType {
  readonly dtype: DType;
  readonly bytes: number;
}

const row = (dtype: DType, bytes: number): TorchDType => ({ dtype, bytes });

/** `torch.float32` and so on, by the name after the dot (`c10/core/ScalarType.h`). */
const BY_NAME: Readonly<Record<string, TorchDType>> = {
  bool: row('bool', 1),
  uint8: row('u8', 1),
  int8: row('i8', 1),
  uint16: row('u16', 2),
  int16: row('i16', 2),
  uint32: row('u32', 4),
  int32: row('i32', 4),
  uint64: row('u64', 8),
  int64: row('i64', 8),
  float16: row('f16', 2),
  half: row('f16', 2),
  bfloat16: row('bf16', 2),
  float32: row('f32', 4),
  float: row('f32', 4),
  float64: row('f64', 8),
  double: row('f64', 8),
  float8_e4m3fn: row('f8_e4m3fn', 1),
  float8_e5m2: row('f8_e5m2', 1),
  float8_e4m3fnuz: row('f8_e4m3fnuz', 1),
  float8_e5m2fnuz: row('f8_e5m2fnuz', 1),
  float8_e8m0fnu: row('f8_e8m0', 1),
  complex32: row('c32', 4),
  complex64: row('c64', 8),
  complex128: row('c128', 16),
  qint8: row('qint8', 1),
  quint8: row('quint8', 1),
  qint32: row('qint32', 4),
  bits8: row('bits8', 1),
  bits16: row('bits16', 2),
  // Elements packed in bytes. torch counts quint4x2 by element and the others by byte.
  quint4x2: row('quint4x2', 1),
  quint2x4: row('quint2x4', 1),
  float4_e2m1fn_x2: row('other:float4_e2m1fn_x2', 1),
  bits1x8: row('other:bits1x8', 1),
  bits2x4: row('other:bits2x4', 1),
  bits4x2: row('other:bits4x2', 1),
};
for (let bits = 1; bits <= 7; bits++) {
  // Shell types: no kernels, stored a byte each.
  Object.assign(BY_NAME, { [`int${bits}`]: row(`other:int${bits}`, 1), [`uint${bits}`]: row(`other:uint${bits}`, 1) });
}

/** Storage classes of `torch`, `torch.cuda` and `torch.storage`, by class name without `Storage`. */
const BY_STORAGE: Readonly<Record<string, string>> = {
  Double: 'float64',
  Float: 'float32',
  Half: 'float16',
  BFloat16: 'bfloat16',
  Long: 'int64',
  Int: 'int32',
  Short: 'int16',
  Char: 'int8',
  Byte: 'uint8',
  Bool: 'bool',
  ComplexDouble: 'complex128',
  ComplexFloat: 'complex64',
  QInt8: 'qint8',
  QUInt8: 'quint8',
  QInt32: 'qint32',
  QUInt4x2: 'quint4x2',
  QUInt2x4: 'quint2x4',
  // Bytes: what they are is said by the tensor.
  Untyped: 'uint8',
};

const BY_CLASS: ReadonlyMap<string, TorchDType> = new Map(
  Object.entries(BY_STORAGE).map(([name, dtype]) => [`${name}Storage`, BY_NAME[dtype]!]),
);

/** The dtype a node such as `torch.float32` names, or undefined. */
export function dtypeOf(node: PickleNode | undefined): TorchDType | undefined {
  return node?.kind === 'global' && node.module === 'torch' && Object.hasOwn(BY_NAME, node.name)
    ? BY_NAME[node.name]
    : undefined;
}

/** What a storage class such as `torch.FloatStorage` holds, or undefined. */
export function storageDType(node: PickleNode | undefined): TorchDType | undefined {
  return node?.kind === 'global' ? BY_CLASS.get(node.name) : undefined;
}

/** How torch's pickler says an element type: by the class of the storage, or beside a storage of bytes. */
export interface TorchName {
  /** `FloatStorage`; `UntypedStorage` for types younger than these classes. */
  readonly storage: string;
  /** `float32`. */
  readonly name: string;
  readonly bytes: number;
}

/** Dense ones are shown as the numbers they hold, two a byte. */
const PAIRS = ['float4_e2m1fn_x2', row('f4', 1)] as const;

const BY_DTYPE: ReadonlyMap<DType, TorchName> = new Map(
  [...Object.entries(BY_NAME), PAIRS]
    // `half`, `float` and `double` are other names of what stands before them.
    .filter(([, { dtype }], i, all) => all.findIndex(([, other]) => other.dtype === dtype) === i)
    .map(([name, { dtype, bytes }]) => {
      const storage = Object.keys(BY_STORAGE).find((key) => BY_STORAGE[key] === name) ?? 'Untyped';
      return [dtype, { storage: `${storage}Storage`, name, bytes }];
    }),
);

/** Undefined for a type that torch does not have. */
export const torchNameOf = (dtype: DType): TorchName | undefined => BY_DTYPE.get(dtype);
