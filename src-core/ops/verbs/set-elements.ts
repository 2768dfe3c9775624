import { LIMITS } from '../../base/limits.ts';
import { hexOfBytes } from '../../tensor/derivation.ts';
import { bitsOf, countElements } from '../../tensor/dtype.ts';
import { parseSlice, sliceShape } from '../../tensor/slice.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import { patchTensor, placePart } from '../derive-region.ts';
import { type Derived, deriveTensors, type FoundTensor, planOp, requireWholeElements } from '../edit-tensor.ts';
import { isScalar, readElements } from '../element-values.ts';

const SPEC = { key: 'text', slice: 'text', values: 'anything', untie: 'flag?' } as const;
/**
 * `slice` is written as NumPy writes it (`0, 2:5`; empty: all). `values` is one value for all its elements or nested lists of its
 * shape: numbers, `true` and `false`, texts for what JSON has no numbers for (`"NaN"`, `"-Infinity"`, `"9007199254740993"`), pairs
 * `[re, im]` for complex tensors. Tied entries are changed together unless `untie` is set.
 */
export type SetElementsArgs = ArgsOf<typeof SPEC>;

/** Sets elements of a tensor. */
export const setElements = planOp<SetElementsArgs>({
  id: 'set-elements',
  title: ({ key, slice }) => (slice.trim() === '' ? `Set all of ${key}` : `Set ${key}[${slice}]`),
  parse: (args) => readArgs('set-elements', args, SPEC),
  plan: (state, { key, slice, values, untie }) =>
    deriveTensors(state, [key], (found) => setPart(found, slice, values), untie),
});

function setPart(found: FoundTensor, text: string, values: unknown): Derived | undefined {
  requireWholeElements(found);
  const { dtype, shape } = found.value;
  const slice = parseSlice(text, shape);
  const wanted = sliceShape(slice);
  const count = countElements(wanted);
  const isOne = isScalar(values, dtype) && wanted.length > 0;
  const bytes = readElements(values, isOne ? [] : wanted, dtype);
  if (count === 0) return undefined;
  const width = (bitsOf(dtype) ?? 8) / 8;
  if (!isOne) return patchTensor(found, slice, bytes);
  if (count * width > LIMITS.filledPatchBytes)
    return placePart(found, slice, {
      dtype,
      shape: wanted,
      expr: { kind: 'fill', element: hexOfBytes(bytes) },
      inputs: [],
    });
  const repeated = new Uint8Array(count * width);
  for (let at = 0; at < repeated.length; at += width) repeated.set(bytes, at);
  return patchTensor(found, slice, repeated);
}
