import { StateglassError } from '../../base/errors.ts';
import { componentsOf } from '../../tensor/decode.ts';
import {
  type BlockDType,
  blockOf,
  type DType,
  dtypeLabel,
  isBlockDType,
  numberTypeOf,
  QUANTISABLE,
} from '../../tensor/dtype.ts';
import { whyNotEncodable } from '../../tensor/encode.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import {
  type Derived,
  deriveTensors,
  type FoundTensor,
  planOp,
  requireInput,
  requireWholeElements,
} from '../edit-tensor.ts';
import { wordChoice } from '../find-rows.ts';

const SPEC = { keys: 'texts', dtype: 'text', untie: 'flag?' } as const;
/** `dtype` is spelled as in `DTYPES`. Tied entries are changed together unless `untie` is set. */
export type CastArgs = ArgsOf<typeof SPEC>;

const isQuantisable = (dtype: string): boolean => QUANTISABLE.some((name) => name === dtype);

function quantise(found: FoundTensor, dtype: BlockDType): Derived {
  const { entry, value } = found;
  const { elements } = blockOf(dtype);
  const row = value.shape.at(-1) ?? 1;
  const refuse = (detail: string) =>
    new StateglassError({ kind: 'unsupported', file: entry.key, format: `cast to ${dtypeLabel(dtype)}`, detail });
  if (row % elements !== 0) throw refuse(`its rows have ${row} elements, which are no whole blocks of ${elements}`);
  if (componentsOf(value.dtype) === 2) throw refuse('complex numbers have no place in blocks');
  return { dtype, shape: value.shape, expr: { kind: 'quantise', dtype }, inputs: [requireInput(found)] };
}

/**
 * Turns tensors into another element type, as torch's `.to(dtype)` does. To integers, fractions are dropped, numbers out of range
 * become the end of the range and NaN 0; between integers the low bits stay. What is stored in blocks becomes what it stands for,
 * rounded to the type; of numbers the blocks of `QUANTISABLE` types are made, as gguf-py makes them.
 */
export const cast = planOp<CastArgs>({
  id: 'cast',
  title: (args) => `Cast ${wordChoice(args)} to ${dtypeLabel(args.dtype as DType)}`,
  parse(args) {
    const read = readArgs('cast', args, SPEC);
    const why = whyNotEncodable(read.dtype as DType);
    if (why === undefined || isQuantisable(read.dtype)) return read;
    throw new StateglassError({ kind: 'bad-input', detail: `cast: not to ${read.dtype}: ${why}` });
  },
  plan: (state, { keys, dtype: to, untie }) =>
    deriveTensors(
      state,
      keys,
      (found) => {
        if (!isBlockDType(found.value.dtype)) requireWholeElements(found);
        const dtype = to as DType;
        const why = whyNotEncodable(numberTypeOf(found.value.dtype));
        if (why !== undefined)
          throw new StateglassError({ kind: 'unsupported', file: found.entry.key, format: 'cast', detail: why });
        if (found.value.dtype === dtype) return undefined;
        if (isBlockDType(dtype)) return quantise(found, dtype);
        return { dtype, shape: found.value.shape, expr: { kind: 'cast', dtype }, inputs: [requireInput(found)] };
      },
      untie,
    ),
});
