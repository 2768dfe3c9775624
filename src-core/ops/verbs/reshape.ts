import { StateglassError } from '../../base/errors.ts';
import { isContiguous } from '../../tensor/dense-range.ts';
import { countElements } from '../../tensor/dtype.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import { deriveTensors, findTensor, planOp, requireInput, requireWholeElements } from '../edit-tensor.ts';
import { replaceView } from '../replace-view.ts';

const SPEC = { key: 'text', shape: 'numbers' } as const;
/** One dimension may be −1: what is left. */
export type ReshapeArgs = ArgsOf<typeof SPEC>;

/** Gives the elements of a tensor, in C order, another shape. One whose elements do not lie in that order becomes dense, by itself. */
export const reshape = planOp<ReshapeArgs>({
  id: 'reshape',
  title: ({ key, shape }) => `Reshape ${key} to [${shape.join(', ')}]`,
  parse: (args) => readArgs('reshape', args, SPEC),
  plan(state, { key, shape: wanted }) {
    const { value } = findTensor(state, key);
    const shape = fitShape(wanted, value.shape);
    if (shape.join() === value.shape.join()) return undefined;
    if (isContiguous(value)) return replaceView(state, key, ({ offset }) => ({ shape, offset }));
    return deriveTensors(
      state,
      [key],
      (found) => {
        requireWholeElements(found);
        return { dtype: value.dtype, shape, expr: { kind: 'dense' }, inputs: [requireInput(found)] };
      },
      true,
    );
  },
});

function fitShape(wanted: readonly number[], shape: readonly number[]): readonly number[] {
  const count = countElements(shape);
  const known = wanted.filter((dim) => dim !== -1);
  const isShape = known.every((dim) => Number.isSafeInteger(dim) && dim >= 0) && known.length >= wanted.length - 1;
  const left = count / countElements(known);
  const fitted = wanted.map((dim) => (dim === -1 ? left : dim));
  if (isShape && fitted.every(Number.isSafeInteger) && countElements(fitted) === count) return fitted;
  const detail = `[${wanted.join(', ')}] is no shape for the ${count} elements of [${shape.join(', ')}]`;
  throw new StateglassError({ kind: 'bad-input', detail });
}
