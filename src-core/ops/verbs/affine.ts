import { StateglassError } from '../../base/errors.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import { deriveTensors, planOp, requireInput, requireNumbers } from '../edit-tensor.ts';
import { wordChoice } from '../find-rows.ts';

const SPEC = { keys: 'texts', scale: 'number', shift: 'number', untie: 'flag?' } as const;
/** Tied entries are changed together unless `untie` is set. */
export type AffineArgs = ArgsOf<typeof SPEC>;

/**
 * Every element x becomes x × scale + shift, computed in f64 and rounded to the tensor's type: integers to the nearest, halves to
 * even, and no further than the ends of their range. 64-bit integers past 2^53 are rounded to f64 first.
 */
export const affine = planOp<AffineArgs>({
  id: 'affine',
  title: (args) => `${wordMap(args)} ${wordChoice(args)}`,
  parse(args) {
    const read = readArgs('affine', args, SPEC);
    if (Number.isFinite(read.scale) && Number.isFinite(read.shift)) return read;
    throw new StateglassError({ kind: 'bad-input', detail: 'affine: scale and shift are finite numbers' });
  },
  plan: (state, { keys, scale, shift, untie }) =>
    deriveTensors(
      state,
      keys,
      (found) => {
        requireNumbers(found, 'affine');
        const { dtype, shape } = found.value;
        if (scale === 1 && shift === 0) return undefined;
        return { dtype, shape, expr: { kind: 'affine', scale, shift }, inputs: [requireInput(found)] };
      },
      untie,
    ),
});

function wordMap({ scale, shift }: AffineArgs): string {
  if (shift === 0) return `Multiply by ${scale}:`;
  return scale === 1 ? `Add ${shift} to` : `Multiply by ${scale}, then add ${shift}:`;
}
