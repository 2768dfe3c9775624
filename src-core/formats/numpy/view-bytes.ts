/** Elements at any place in bytes as a tensor: as a view where it can be one, else gathered when they are asked for. */
import type { DerivedInput, Storage, StorageData, TensorValue } from '../../model/state-dict.ts';
import { bitsOf, countElements, type DType } from '../../tensor/dtype.ts';
import { contiguousStrides } from '../../tensor/layout.ts';

/** Bytes from one element to the next, per dimension. */
export function byteStrides(shape: readonly number[], bytes: number, fortranOrder: boolean): readonly number[] {
  if (!fortranOrder) return contiguousStrides(shape).map((stride) => stride * bytes);
  let step = bytes;
  return shape.map((dim) => {
    const stride = step;
    step *= Math.max(1, dim);
    return stride;
  });
}

export interface PlacedElements {
  readonly dtype: DType;
  readonly endian: 'little' | 'big';
  readonly shape: readonly number[];
  /** Bytes. */
  readonly strides: readonly number[];
  /** Bytes from the first element of the array. */
  readonly offset: number;
  /** Bytes of the storage before the first element of the array. */
  readonly skip: number;
  readonly storage: Storage;
}

export interface BytesView {
  readonly layout: Pick<TensorValue, 'shape' | 'strides' | 'offset'>;
  /** The storage they are gathered in. */
  readonly made?: { readonly data: StorageData; readonly byteLength: number };
}

/** A stride counts elements: those of a packed record (a byte, then a float) do not lie at multiples of their size. */
export function viewBytes(elements: PlacedElements): BytesView {
  const { dtype, endian, shape, strides, offset, skip, storage } = elements;
  const bits = bitsOf(dtype);
  if (bits === undefined) return { layout: { shape, offset: 0 } };
  const width = bits / 8;
  const start = skip + offset;
  const isWhole = [start, ...strides.filter((_, axis) => shape[axis] !== 1)].every((bytes) => bytes % width === 0);
  if (isWhole) {
    const dense = contiguousStrides(shape);
    const steps = strides.map((bytes, axis) => (shape[axis] === 1 ? (dense[axis] as number) : bytes / width));
    const isDense = countElements(shape) === 0 || steps.every((step, axis) => step === dense[axis]);
    return { layout: { shape, offset: start / width, ...(!isDense && { strides: steps }) } };
  }
  const value: TensorValue = {
    type: 'tensor',
    dtype: 'u8',
    shape: [...shape, width],
    strides: [...strides, 1],
    offset: start,
    storage: storage.id,
  };
  const inputs: readonly DerivedInput[] = [{ value, storage: { ...storage, endian: 'little' } }];
  return {
    layout: { shape, offset: 0 },
    made: {
      data: { kind: 'derived', expr: { kind: 'reinterpret', dtype, endian }, inputs },
      byteLength: countElements(shape) * width,
    },
  };
}
