/** The header of a `.npy` file, formats 1.0 to 3.0 (`numpy/lib/_format_impl.py`): a Python dictionary as text, never evaluated. */
import { malformed, StateglassError } from '../../base/errors.ts';
import type { KnownDType } from '../../tensor/dtype.ts';

export interface NpyHeader {
  readonly dtype: KnownDType;
  readonly endian: 'little' | 'big';
  readonly shape: readonly number[];
  /** The first axis varies fastest. */
  readonly fortranOrder: boolean;
  /** Bytes before the elements. */
  readonly length: number;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** `np.load` refuses longer ones, for they are parsed by Python itself. */
const MOST_TEXT = 10_000;
const TYPES: Readonly<Record<string, KnownDType>> = {
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

export const isNpy = (head: Uint8Array): boolean => MAGIC.every((byte, i) => head[i] === byte);

/**
 * Reads the header from the first bytes of a file.
 *
 * @throws `malformed` for what is no header, `unsupported` for objects, texts, times and structured arrays.
 */
export function parseNpyHeader(head: Uint8Array, name: string): NpyHeader {
  const broken = (detail: string, at?: number) => malformed(name, 'NumPy', detail, at);
  if (!isNpy(head) || head.length < 10) throw broken('it does not begin as .npy does', 0);
  const major = head[6]!;
  if (major < 1 || major > 3) throw broken(`there is no format ${major}`, 6);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const start = major === 1 ? 10 : 12;
  if (head.length < start) throw broken('it ends in its header', head.length);
  const size = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (size > MOST_TEXT) throw broken(`its header has ${size} bytes`, 8);
  if (head.length < start + size) throw broken('it ends in its header', head.length);
  const text = new TextDecoder().decode(head.subarray(start, start + size));
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (order === undefined || shape === undefined) throw broken('its header names no order or shape', start);
  const dtype = descr === undefined ? undefined : TYPES[descr.slice(1)];
  if (!dtype)
    throw new StateglassError({
      kind: 'unsupported',
      file: name,
      format: 'NumPy',
      detail: descr === undefined ? 'structured arrays are not read' : `arrays of ${descr} are not read`,
    });
  return {
    dtype,
    endian: descr?.[0] === '>' ? 'big' : 'little',
    shape: shape.split(',').flatMap((part) => (part.trim() === '' ? [] : [Number(part)])),
    fortranOrder: order === 'True',
    length: start + size,
  };
}
