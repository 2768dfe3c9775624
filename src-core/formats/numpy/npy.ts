/**
 * One array as `np.save` writes it: format 1.0, C order, little-endian, the data at a multiple of 64 bytes so that it can be
 * mapped into memory. Specified in `numpy/lib/_format_impl.py`.
 */

import type { TensorValue } from '../../model/state-dict.ts';
import type { KnownDType } from '../../tensor/dtype.ts';
import type { Write } from '../format.ts';
import { type TensorHold, takeOneTensor, wordNoType } from '../take-tensors.ts';

/** NumPy's own types. What `ml_dtypes` adds is stored as raw bytes (`|V2`) that nothing reads back as numbers. */
const DESCR: Partial<Record<KnownDType, string>> = {
  bool: '|b1',
  i8: '|i1',
  u8: '|u1',
  i16: '<i2',
  u16: '<u2',
  i32: '<i4',
  u32: '<u4',
  i64: '<i8',
  u64: '<u8',
  f16: '<f2',
  f32: '<f4',
  f64: '<f8',
  c64: '<c8',
  c128: '<c16',
};
const ALIGN = 64;
/** `np.save` leaves room for the first dimension to grow to so many digits. */
const GROWTH_DIGITS = 21;
/** NumPy's own limit. */
const MOST_DIMENSIONS = 64;

export const NUMPY: TensorHold = {
  format: 'NumPy',
  refuse: ({ dtype, shape }) => {
    if (descrOf(dtype) === undefined) return wordNoType(dtype);
    return shape.length > MOST_DIMENSIONS ? `${MOST_DIMENSIONS} dimensions at most` : undefined;
  },
};

export const write: Write = (state) => {
  const { tensor, losses } = takeOneTensor(state, NUMPY);
  const header = encodeHeader(tensor.value);
  return {
    size: header.length + tensor.bytes,
    parts: () => [
      { kind: 'bytes', bytes: header },
      { kind: 'elements', value: tensor.value, length: tensor.bytes },
    ],
    losses,
  };
};

export const descrOf = (dtype: string): string | undefined => DESCR[dtype as KnownDType];

export interface ArrayType extends Pick<TensorValue, 'dtype' | 'shape'> {
  /** As the file has it already, for what NumPy has no type for. */
  readonly descr?: string;
}

/** As Python prints it. */
function spellHeader({ dtype, shape, descr = descrOf(dtype) }: ArrayType): string {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const growth = shape.length === 0 ? 0 : GROWTH_DIGITS - String(shape[0]).length;
  return `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }${' '.repeat(growth)}`;
}

/** A header that ends on the boundary by itself is padded by a whole line, as NumPy's is. */
const paddedBytes = (text: string): number => {
  const used = 10 + text.length + 1;
  return used + ALIGN - (used % ALIGN);
};

/** Length of `encodeHeader`. */
export const headerBytes = (array: ArrayType): number => paddedBytes(spellHeader(array));

/** What stands before one text of so many characters. */
export const encodeTextHeader = (characters: number): Uint8Array<ArrayBuffer> =>
  encodeHeader({ dtype: `other:U${characters}`, shape: [], descr: `<U${characters}` });

/** What stands before the elements. */
export function encodeHeader(array: ArrayType): Uint8Array<ArrayBuffer> {
  const text = spellHeader(array);
  const length = paddedBytes(text);
  const header = new Uint8Array(length).fill(0x20);
  header.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, (length - 10) & 0xff, (length - 10) >> 8]);
  header.set(new TextEncoder().encode(text), 10);
  header[length - 1] = 0x0a;
  return header;
}
