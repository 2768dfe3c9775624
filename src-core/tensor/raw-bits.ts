/** Elements moved without being understood: what a NaN carries, and the sign of a zero, stay. */
import { componentsOf, type ValueArray } from './decode.ts';
import { bitsOf, type DType } from './dtype.ts';
import { contiguousStrides, type TensorLayout } from './layout.ts';
import type { Slice, SliceItem } from './slice.ts';

type Unsigned = 'u8' | 'u16' | 'u32' | 'u64';

/** The same bits as unsigned integers, which come through unchanged; two of them for a complex number. */
export function asUnsigned({
  dtype,
  shape,
  strides,
  offset,
}: TensorLayout): TensorLayout & { readonly dtype: Unsigned } {
  const components = componentsOf(dtype);
  const unsigned = `u${(bitsOf(dtype) ?? 8) / components}` as Unsigned;
  const steps = strides ?? contiguousStrides(shape);
  if (components === 1) return { dtype: unsigned, shape, strides: steps, offset };
  return { dtype: unsigned, shape: [...shape, 2], strides: [...steps.map((step) => 2 * step), 1], offset: 2 * offset };
}

export function packUnsigned(dtype: Unsigned, values: ValueArray): Uint8Array<ArrayBuffer> {
  if (!(values instanceof Float64Array)) return new Uint8Array(values.buffer as ArrayBuffer);
  const packed =
    dtype === 'u8' ? Uint8Array.from(values) : dtype === 'u16' ? Uint16Array.from(values) : Uint32Array.from(values);
  return new Uint8Array(packed.buffer);
}

const PAIR: SliceItem = { kind: 'range', start: 0, count: 2, step: 1 };

/** A slice of a tensor as a slice of `asUnsigned` of it. */
export const sliceOfBits = (dtype: DType, slice: Slice): Slice =>
  componentsOf(dtype) === 2 ? [...slice, PAIR] : slice;
