import { StateglassError } from '../../base/errors.ts';
import { contiguousStrides } from '../../tensor/layout.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import { planOp } from '../edit-tensor.ts';
import { replaceView } from '../replace-view.ts';

const SPEC = { key: 'text', axes: 'numbers' } as const;
/** Dimension i of the result is dimension `axes[i]` of the tensor; negative ones count from the end. */
export type TransposeArgs = ArgsOf<typeof SPEC>;

/** Permutes the dimensions of a tensor. Its bytes stay where they are; a format without strides writes them in the new order. */
export const transpose = planOp<TransposeArgs>({
  id: 'transpose',
  title: ({ key, axes }) => `Transpose ${key} to axes ${axes.join(', ')}`,
  parse: (args) => readArgs('transpose', args, SPEC),
  plan(state, { key, axes }) {
    const isMoved = axes.some((axis, i) => axis !== i && axis !== i - axes.length);
    const change = replaceView(state, key, ({ shape, strides, offset }) => {
      const from = axes.map((axis) => (axis < 0 ? axis + shape.length : axis));
      const isPermutation = from.length === shape.length && shape.every((_, axis) => from.includes(axis));
      if (!isPermutation)
        throw new StateglassError({
          kind: 'bad-input',
          detail: `axes ${axes.join(', ')} are not those of [${shape.join(', ')}], each once`,
        });
      const steps = strides ?? contiguousStrides(shape);
      return { shape: from.map((axis) => shape[axis]!), strides: from.map((axis) => steps[axis]!), offset };
    });
    return isMoved ? change : undefined;
  },
});
