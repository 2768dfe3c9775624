import { StateglassError } from '../../base/errors.ts';
import { hexOfBytes } from '../../tensor/derivation.ts';
import { countElements } from '../../tensor/dtype.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import {
  asInput,
  type Derived,
  deriveTensors,
  type FoundTensor,
  planOp,
  requireInput,
  requireWholeElements,
} from '../edit-tensor.ts';
import { readElements } from '../element-values.ts';

const SPEC = { key: 'text', before: 'numbers', after: 'numbers', constant: 'anything?', untie: 'flag?' } as const;
/**
 * Elements added before and after those of each dimension, slowest first. `constant` is what they are, written as in
 * `set-elements`; 0 without it. Tied entries are changed together unless `untie` is set.
 */
export type PadArgs = ArgsOf<typeof SPEC>;

/** Makes a tensor larger: a vocabulary with more words, a kernel with a rim. */
export const pad = planOp<PadArgs>({
  id: 'pad',
  title: ({ key, before, after }) => `Pad ${key} by ${before.map((n, i) => `${n}+${after[i] ?? 0}`).join(', ')}`,
  parse: (args) => readArgs('pad', args, SPEC),
  plan: (state, { key, untie, ...padding }) => deriveTensors(state, [key], (found) => padTensor(found, padding), untie),
});

function padTensor(found: FoundTensor, { before, after, constant = 0 }: Omit<PadArgs, 'key'>): Derived | undefined {
  requireWholeElements(found);
  const { dtype, shape: inner } = found.value;
  const isCount = (n: number) => Number.isSafeInteger(n) && n >= 0;
  if (before.length !== inner.length || after.length !== inner.length || ![...before, ...after].every(isCount))
    throw new StateglassError({
      kind: 'bad-input',
      detail: `pad: before and after are ${inner.length} counts each, one for each dimension of [${inner.join(', ')}]`,
    });
  const shape = inner.map((dim, axis) => before[axis]! + dim + after[axis]!);
  if (!Number.isFinite(countElements(shape)))
    throw new StateglassError({ kind: 'bad-input', detail: `pad: [${shape.join(', ')}] has too many elements` });
  if (shape.join() === inner.join()) return undefined;
  const element = hexOfBytes(readElements(constant, [], dtype));
  const rim: Derived = { dtype, shape, expr: { kind: 'fill', element }, inputs: [] };
  if (countElements(inner) === 0) return rim;
  const slice = inner.map((count, axis) => ({ kind: 'range', start: before[axis]!, count, step: 1 }) as const);
  return { dtype, shape, expr: { kind: 'place', slice }, inputs: [asInput(rim), requireInput(found)] };
}
