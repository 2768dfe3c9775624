import { plainNode } from '../../bytes/pickle/idioms.ts';
import { type CallNode, globalOf, itemsOf, type PickleNode, textOf } from '../../bytes/pickle/nodes.ts';
import type { Value } from '../../model/state-dict.ts';
import { countElements, type DType } from '../../tensor/dtype.ts';
import { isContiguous, readDims } from './layout.ts';
import type { StorageTable } from './storages.ts';

/**
 * numpy scalars and arrays inside a torch pickle: older checkpoints keep step counts and statistics so. Object arrays,
 * structured and text dtypes stay what they are.
 */
const SCALAR = /^numpy\.(_core|core)\.multiarray\.scalar$/;
const RECONSTRUCT = /^numpy\.(_core|core)\.multiarray\._reconstruct$/;
const FROMBUFFER = /^numpy\.(_core|core)\.numeric\._frombuffer$/;

const DTYPES: Readonly<Record<string, DType>> = {
  b1: 'bool',
  u1: 'u8',
  i1: 'i8',
  u2: 'u16',
  i2: 'i16',
  u4: 'u32',
  i4: 'i32',
  u8: 'u64',
  i8: 'i64',
  f2: 'f16',
  f4: 'f32',
  f8: 'f64',
  c8: 'c64',
  c16: 'c128',
};

interface NumpyDType {
  readonly code: string;
  readonly dtype: DType;
  readonly bytes: number;
  readonly isBig: boolean;
}

/** The value a numpy call makes, or undefined when it is no numpy call that is understood. */
export function readNumpy(node: CallNode, table: StorageTable): Value | undefined {
  const name = globalOf(node.fn);
  if (name === undefined || !name.startsWith('numpy.')) return undefined;
  const args = itemsOf(node.args) ?? [];
  if (SCALAR.test(name)) {
    const dtype = readDType(args[0]);
    const bytes = bytesOf(args[1]);
    return dtype && bytes && bytes.length === dtype.bytes ? readScalar(dtype, bytes) : undefined;
  }
  if (RECONSTRUCT.test(name)) {
    // State: version, shape, dtype, is Fortran order, data.
    const [, shape, dtype, fortran, data] = itemsOf(node.states?.at(-1)) ?? [];
    return readArray(shape, dtype, data, fortran?.kind === 'bool' && fortran.value, table);
  }
  if (FROMBUFFER.test(name)) {
    const [data, dtype, shape, order] = args;
    return readArray(shape, dtype, data, textOf(order) === 'F', table);
  }
  return undefined;
}

function readArray(
  shapeNode: PickleNode | undefined,
  dtypeNode: PickleNode | undefined,
  data: PickleNode | undefined,
  isFortran: boolean,
  table: StorageTable,
): Value | undefined {
  const shape = readDims(shapeNode);
  const dtype = readDType(dtypeNode);
  const bytes = bytesOf(data);
  if (!shape || !dtype || !bytes || bytes.length !== countElements(shape) * dtype.bytes) return undefined;
  const storage = table.addBlob({ kind: 'inline', bytes: bytes.slice() }, bytes.length, dtype.isBig ? 'big' : 'little');
  const strides: number[] = [];
  let step = 1;
  for (const dim of shape) {
    strides.push(step);
    step *= Math.max(1, dim);
  }
  const order = isFortran && !isContiguous(shape, strides) ? { strides } : {};
  return { type: 'tensor', dtype: dtype.dtype, shape, offset: 0, storage, wrapper: 'numpy.ndarray', ...order };
}

function readScalar(dtype: NumpyDType, bytes: Uint8Array<ArrayBuffer>): Value | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = !dtype.isBig;
  const int = (value: number | bigint): Value => ({ type: 'int', digits: value.toString() });
  switch (dtype.code) {
    case 'b1':
      return { type: 'bool', value: bytes[0] !== 0 };
    case 'u1':
      return int(view.getUint8(0));
    case 'i1':
      return int(view.getInt8(0));
    case 'u2':
      return int(view.getUint16(0, little));
    case 'i2':
      return int(view.getInt16(0, little));
    case 'u4':
      return int(view.getUint32(0, little));
    case 'i4':
      return int(view.getInt32(0, little));
    case 'u8':
      return int(view.getBigUint64(0, little));
    case 'i8':
      return int(view.getBigInt64(0, little));
    case 'f4':
      return { type: 'float', value: view.getFloat32(0, little) };
    case 'f8':
      return { type: 'float', value: view.getFloat64(0, little) };
    case 'c16':
      return { type: 'complex', re: view.getFloat64(0, little), im: view.getFloat64(8, little) };
    case 'c8':
      return { type: 'complex', re: view.getFloat32(0, little), im: view.getFloat32(4, little) };
    default:
      return undefined;
  }
}

/** `numpy.dtype('f4', …)` with its state (version, byte order, …). */
function readDType(node: PickleNode | undefined): NumpyDType | undefined {
  if (node?.kind !== 'reduce' || globalOf(node.fn) !== 'numpy.dtype') return undefined;
  const code = textOf(itemsOf(node.args)?.[0]);
  if (code === undefined || !Object.hasOwn(DTYPES, code)) return undefined;
  const order = textOf(itemsOf(node.states?.at(-1))?.[1]);
  return { code, dtype: DTYPES[code]!, bytes: Number(code.slice(1)), isBig: order === '>' };
}

function bytesOf(node: PickleNode | undefined): Uint8Array<ArrayBuffer> | undefined {
  if (!node) return undefined;
  const plain = plainNode(node);
  if (plain.kind === 'bytes' || plain.kind === 'bytearray') return plain.value;
  return plain.kind === 'str' ? plain.raw : undefined;
}
