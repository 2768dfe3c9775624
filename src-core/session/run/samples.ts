/** Samples that are made, not read: the same every time. */
import { StateglassError } from '../../base/errors.ts';
import type { InputSpec } from '../../graph/graph.ts';
import { countElements } from '../../tensor/dtype.ts';
import { drawNumbers } from '../../tensor/random.ts';
import type { RunTensor } from '../ports.ts';

export type Sample =
  | { readonly kind: 'normal'; readonly seed: number }
  /** From 0 up to 1; of tokens, any below the vocabulary's size. */
  | { readonly kind: 'uniform'; readonly seed: number }
  | { readonly kind: 'zeros' }
  | { readonly kind: 'ones' }
  /** 0, 1, 2… for tokens, from −1 to 1 along all elements for the rest. */
  | { readonly kind: 'ramp' }
  /** 1 at a place of the last axis. */
  | { readonly kind: 'one-hot'; readonly at: number }
  | { readonly kind: 'numbers'; readonly numbers: readonly number[] };

export const SAMPLE_KINDS = ['normal', 'uniform', 'zeros', 'ones', 'ramp', 'one-hot', 'numbers'] as const;

/** The shape in which an input is offered. */
export const offeredShape = ({ dims }: InputSpec): readonly number[] => dims.map(({ size }) => size);

/**
 * Makes a sample for an input. Numbers that are given fill the shape, or are one row of it: `[1, …]` with as many as there are.
 *
 * @throws `bad-input` when it does not fit the shape.
 */
export function makeSample(
  sample: Sample,
  input: InputSpec,
  shape: readonly number[] = offeredShape(input),
): RunTensor {
  if (sample.kind === 'numbers') return fromNumbers(sample.numbers, input, shape);
  const count = countElements(shape);
  const { dtype, below = 2 } = input;
  if (dtype === 'f32') return { dtype, shape, data: Float32Array.from(makeNumbers(sample, shape, count)) };
  const ids = makeIds(sample, shape, count, dtype === 'bool' ? 2 : below);
  return dtype === 'i64'
    ? { dtype, shape, data: BigInt64Array.from(ids, BigInt) }
    : { dtype, shape, data: Uint8Array.from(ids) };
}

/** Why an array cannot be given to an input, as the end of "it cannot be given: …"; undefined where it can. */
export function whyUnfit({ dtype, dims }: InputSpec, { dtype: own, shape }: RunTensor): string | undefined {
  if (own !== dtype) return `it is ${own}, and ${dtype} is wanted`;
  if (shape.length !== dims.length)
    return `it has ${shape.length} ${shape.length === 1 ? 'axis' : 'axes'}, and ${dims.length} ${dims.length === 1 ? 'is' : 'are'} wanted`;
  const axis = dims.findIndex(({ size, free }, i) => (free === undefined ? shape[i] !== size : shape[i] === 0));
  if (axis < 0) return undefined;
  const { size, free } = dims[axis]!;
  return `axis ${axis} has ${shape[axis]} places, and ${free === undefined ? size : 'one at least'} ${size === 1 || free !== undefined ? 'is' : 'are'} wanted`;
}

type Made = Exclude<Sample, { kind: 'numbers' }>;

function makeNumbers(sample: Made, shape: readonly number[], count: number): Float64Array {
  switch (sample.kind) {
    case 'normal':
      return drawNumbers({ kind: 'normal', seed: sample.seed, mean: 0, std: 1 }, 0, count);
    case 'uniform':
      return drawNumbers({ kind: 'uniform', seed: sample.seed, low: 0, high: 1 }, 0, count);
    case 'zeros':
      return new Float64Array(count);
    case 'ones':
      return new Float64Array(count).fill(1);
    case 'ramp':
      return Float64Array.from({ length: count }, (_, i) => (count > 1 ? (2 * i) / (count - 1) - 1 : 0));
    case 'one-hot':
      return oneHot(sample.at, shape, count);
  }
}

function makeIds(sample: Made, shape: readonly number[], count: number, below: number): Float64Array {
  const ids = new Float64Array(count);
  if (sample.kind === 'ones') ids.fill(Math.min(1, below - 1));
  else if (sample.kind === 'ramp') for (let i = 0; i < count; i++) ids[i] = i % below;
  else if (sample.kind === 'one-hot') return oneHot(sample.at, shape, count);
  else if (sample.kind !== 'zeros') {
    const drawn = drawNumbers({ kind: 'uniform', seed: sample.seed, low: 0, high: 1 }, 0, count);
    for (let i = 0; i < count; i++) ids[i] = Math.floor(drawn[i]! * below);
  }
  return ids;
}

function oneHot(at: number, shape: readonly number[], count: number): Float64Array {
  const width = shape.at(-1) ?? 1;
  if (!Number.isInteger(at) || at < 0 || at >= width)
    throw bad(`one-hot ${at}: the last axis has places 0 to ${width - 1}`);
  const numbers = new Float64Array(count);
  for (let row = 0; row < count; row += width) numbers[row + at] = 1;
  return numbers;
}

function fromNumbers(
  numbers: readonly number[],
  { dtype, dims, name }: InputSpec,
  shape: readonly number[],
): RunTensor {
  const isFree = dims.at(-1)?.free !== undefined;
  const fits = countElements(shape) === numbers.length;
  if (!fits && !isFree)
    throw bad(`${name} takes ${countElements(shape)} numbers (${shape.join('×')}); these are ${numbers.length}`);
  const own = fits ? shape : [...shape.map(() => 1).slice(1), numbers.length];
  if (dtype === 'f32') return { dtype, shape: own, data: Float32Array.from(numbers) };
  const wrong = numbers.find((value) => !Number.isInteger(value));
  if (wrong !== undefined) throw bad(`${name} takes whole numbers, not ${wrong}`);
  if (dtype === 'i64') return { dtype, shape: own, data: BigInt64Array.from(numbers, BigInt) };
  return { dtype, shape: own, data: Uint8Array.from(numbers, (value) => (value === 0 ? 0 : 1)) };
}

const bad = (detail: string): StateglassError => new StateglassError({ kind: 'bad-input', detail });
