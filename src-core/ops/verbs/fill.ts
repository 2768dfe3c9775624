import { StateglassError } from '../../base/errors.ts';
import { hexOfBytes } from '../../tensor/derivation.ts';
import { type DType, dtypeLabel, familyOf } from '../../tensor/dtype.ts';
import type { Draw } from '../../tensor/random.ts';
import { parseSlice, sliceShape } from '../../tensor/slice.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import { placePart } from '../derive-region.ts';
import { type Derived, deriveTensors, type FoundTensor, planOp, requireWholeElements } from '../edit-tensor.ts';
import { readElements } from '../element-values.ts';
import { wordChoice } from '../find-rows.ts';

const SPEC = { key: 'text?', keys: 'texts?', slice: 'text?', with: 'anything', untie: 'flag?' } as const;

/**
 * Seeds are whole numbers from 0 to 2^53 − 1; `random.ts` says which numbers they give. The n-th of several tensors is drawn with the
 * n-th seed from there on, so that no two are alike. A constant is written as in `set-elements`.
 */
export type Filling =
  | 'zeros'
  | 'ones'
  | { readonly constant: unknown }
  | { readonly normal: { readonly seed: number; readonly mean: number; readonly std: number } }
  | { readonly uniform: { readonly seed: number; readonly low: number; readonly high: number } };

/** One `key` or several `keys`. Without `slice` all of a tensor. Tied entries are changed together unless `untie` is set. */
export type FillArgs = Omit<ArgsOf<typeof SPEC>, 'with'> & { readonly with: Filling };

/** Fills tensors, or a slice of each. */
export const fill = planOp<FillArgs>({
  id: 'fill',
  title: ({ slice, with: filling, ...args }) =>
    `Fill ${wordChoice({ keys: keysOf(args) })}${slice ? `[${slice}]` : ''} with ${wordFilling(filling)}`,
  parse(args) {
    const read = readArgs('fill', args, SPEC);
    if ((read.key === undefined) === (read.keys === undefined)) throw bad('fill: either a key or keys are given');
    return { ...read, with: readFilling(read.with) };
  },
  plan: (state, { slice = '', with: filling, untie, ...args }) =>
    deriveTensors(state, keysOf(args), (found, n) => fillPart(found, slice, reseed(filling, n)), untie),
});

const keysOf = ({ key, keys = [] }: Pick<FillArgs, 'key' | 'keys'>): readonly string[] =>
  key === undefined ? keys : [key];

/** The filling of the n-th tensor. */
function reseed(filling: Filling, n: number): Filling {
  if (typeof filling !== 'object' || n === 0) return filling;
  const seedFrom = (seed: number) => (seed + n) % Number.MAX_SAFE_INTEGER;
  if ('normal' in filling) return { normal: { ...filling.normal, seed: seedFrom(filling.normal.seed) } };
  return 'uniform' in filling ? { uniform: { ...filling.uniform, seed: seedFrom(filling.uniform.seed) } } : filling;
}

function fillPart(found: FoundTensor, text: string, filling: Filling): Derived | undefined {
  requireWholeElements(found);
  const { dtype, shape } = found.value;
  const slice = parseSlice(text, shape);
  const wanted = sliceShape(slice);
  const expr = exprOf(filling, dtype);
  return wanted.includes(0) ? undefined : placePart(found, slice, { dtype, shape: wanted, expr, inputs: [] });
}

export function exprOf(filling: Filling, dtype: DType): Derived['expr'] {
  const draw = drawOf(filling);
  if (draw && ['float', 'half', 'float8'].includes(familyOf(dtype))) return { kind: 'random', dtype, draw };
  if (draw) throw bad(`random numbers are floats, and the tensor is ${dtypeLabel(dtype)}`);
  const constant =
    filling === 'zeros' ? 0 : filling === 'ones' ? 1 : (filling as { readonly constant: unknown }).constant;
  return { kind: 'fill', element: hexOfBytes(readElements(constant, [], dtype)) };
}

function drawOf(filling: Filling): Draw | undefined {
  if (typeof filling !== 'object') return undefined;
  if ('normal' in filling) return { kind: 'normal', ...filling.normal };
  return 'uniform' in filling ? { kind: 'uniform', ...filling.uniform } : undefined;
}

const DRAWS = { normal: ['seed', 'mean', 'std'], uniform: ['seed', 'low', 'high'] } as const;

export function readFilling(given: unknown): Filling {
  if (given === 'zeros' || given === 'ones') return given;
  if (typeof given === 'object' && given !== null) {
    const [[kind, value] = ['', undefined], ...more] = Object.entries(given);
    if (kind === 'constant' && more.length === 0) return { constant: value };
    if ((kind === 'normal' || kind === 'uniform') && more.length === 0)
      return { [kind]: readDraw(kind, value) } as Filling;
  }
  throw bad(
    'fill: `with` is "zeros", "ones", {"constant": …}, {"normal": {seed, mean, std}} or {"uniform": {seed, low, high}}',
  );
}

function readDraw(kind: keyof typeof DRAWS, given: unknown): Record<string, number> {
  const [names, parts] = [DRAWS[kind], (given ?? {}) as Record<string, unknown>];
  const isWhole = names.every((name) => Number.isFinite(parts[name])) && Object.keys(parts).length === names.length;
  if (!isWhole) throw bad(`fill: ${kind} takes the numbers ${names.join(', ')}`);
  const seed = parts.seed as number;
  if (!Number.isSafeInteger(seed) || seed < 0) throw bad('fill: a seed is a whole number from 0 to 2^53 − 1');
  return parts as Record<string, number>;
}

export function wordFilling(filling: Filling): string {
  if (typeof filling === 'string') return filling;
  if ('constant' in filling) return String(filling.constant);
  if ('normal' in filling) return `normal(${filling.normal.mean}, ${filling.normal.std}), seed ${filling.normal.seed}`;
  return `uniform(${filling.uniform.low}, ${filling.uniform.high}), seed ${filling.uniform.seed}`;
}

const bad = (detail: string): StateglassError => new StateglassError({ kind: 'bad-input', detail });
