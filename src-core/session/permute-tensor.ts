import type { TensorValue } from '../model/state-dict.ts';
import { contiguousStrides } from '../tensor/layout.ts';

/** The same storage with its axes in another order: nothing is read or moved. */
export function permuteTensor(value: TensorValue, axes: readonly number[]): TensorValue {
  const strides = value.strides ?? contiguousStrides(value.shape);
  return { ...value, shape: axes.map((axis) => value.shape[axis]!), strides: axes.map((axis) => strides[axis]!) };
}
