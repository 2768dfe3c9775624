import { StateglassError } from '../base/errors.ts';
import type { TensorValue } from '../model/state-dict.ts';
import { contiguousStrides } from '../tensor/layout.ts';

/**
 * The same elements with their axes in another order, as NumPy's `transpose(axes)`: nothing is read or moved.
 *
 * @throws `bad-input` when these are not the axes of the tensor, each once.
 */
export function permuteAxes(value: TensorValue, axes: readonly number[]): TensorValue {
  const { shape, quant } = value;
  if (axes.length !== shape.length || shape.some((_, axis) => !axes.includes(axis))) {
    const detail = `[${axes.join(', ')}] are not the axes of a tensor of ${shape.length} dimensions`;
    throw new StateglassError({ kind: 'bad-input', detail });
  }
  const strides = value.strides ?? contiguousStrides(shape);
  const permute = (list: readonly number[]): number[] => axes.map((axis) => list[axis] as number);
  const permuted = { ...value, shape: permute(shape), strides: permute(strides) };
  if (quant?.scheme !== 'per-channel-affine') return permuted;
  return { ...permuted, quant: { ...quant, axis: axes.indexOf(quant.axis) } };
}

/** The axes of a tensor in the order in which its elements lie, far steps first. */
export function memoryOrder({ shape, strides }: TensorValue): readonly number[] {
  const reach = (axis: number): number =>
    strides && (shape[axis] as number) > 1 ? Math.abs(strides[axis] as number) : Number.POSITIVE_INFINITY;
  const axes = [...shape.keys()];
  return strides ? axes.sort((x, y) => (reach(x) === reach(y) ? x - y : reach(y) - reach(x))) : axes;
}
