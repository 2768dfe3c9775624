import {
  type InputSpec,
  makeSample,
  offeredShape,
  type RunTensor,
  type Sample,
  StateglassError,
  type TokeniserFacts,
  whyUnfit,
} from '../../src-core/index.ts';
import type { KeptOutput } from './kept-outputs.ts';

/** What a person gives to an input. */
export type SampleChoice =
  | Sample
  | { readonly kind: 'text'; readonly text: string }
  /** Drawn by hand, or an image file: grey or colours from 0 to 1, row by row, [channels, height, width]. */
  | { readonly kind: 'image'; readonly name: string; readonly tensor: RunTensor }
  /** An array from a file. */
  | { readonly kind: 'array'; readonly name: string; readonly tensor: RunTensor }
  /** What an earlier run gave; undefined while none is chosen. */
  | { readonly kind: 'kept'; readonly output: KeptOutput | undefined };

/** Sizes of free axes, by their place. */
export type Sizes = Readonly<Record<number, number>>;

/** What an input is given before a person says otherwise. */
export function firstSample(input: InputSpec, tokeniser: TokeniserFacts | undefined): SampleChoice {
  if (input.meaning === 'tokens' && tokeniser) return { kind: 'text', text: tokeniser.example };
  if (input.meaning === 'image' && input.dims.at(-1)!.size <= DRAWN_SIZE) return blankImage(shapeOf(input));
  if (input.dtype === 'bool') return { kind: 'ones' };
  return { kind: input.dtype === 'f32' ? 'normal' : 'uniform', seed: 0 };
}

/** An image that is no larger is drawn by hand at first. */
const DRAWN_SIZE = 64;

/** Nothing is drawn yet. `shape` has the image in its last three axes. */
export function blankImage(shape: readonly number[]): SampleChoice {
  const own = shape.slice(-3);
  const data = new Float32Array(own.reduce((n, size) => n * size, 1));
  return { kind: 'image', name: 'drawing', tensor: { dtype: 'f32', shape: own, data } };
}

/** An array that is given as it is. */
export function givenTensor(choice: SampleChoice | undefined): RunTensor | undefined {
  if (choice?.kind === 'kept') return choice.output?.tensor;
  return choice?.kind === 'array' ? choice.tensor : undefined;
}

/** The shape that is given: that of an array which fits, or what is offered with the sizes that are chosen. */
export function shapeOf(input: InputSpec, sizes: Sizes = {}, choice?: SampleChoice): readonly number[] {
  const given = givenTensor(choice);
  if (given && whyUnfit(input, given) === undefined) return given.shape;
  return offeredShape(input).map((size, axis) => (input.dims[axis]?.free === undefined ? size : (sizes[axis] ?? size)));
}

/** `encode` makes tokens of a text. @throws `bad-input` for a sample that does not fit; what `encode` throws. */
export async function toTensor(
  choice: SampleChoice,
  input: InputSpec,
  sizes: Sizes | undefined,
  encode: (text: string) => Promise<readonly number[]>,
): Promise<RunTensor> {
  const given = givenTensor(choice);
  if (given) return given;
  if (choice.kind === 'array' || choice.kind === 'kept') {
    throw new StateglassError({ kind: 'bad-input', detail: `no output of an earlier run is chosen for ${input.name}` });
  }
  if (choice.kind === 'image') {
    const { shape } = choice.tensor;
    return { ...choice.tensor, shape: [...input.dims.slice(shape.length).map(() => 1), ...shape] };
  }
  if (choice.kind === 'text') return makeSample({ kind: 'numbers', numbers: await encode(choice.text) }, input);
  return makeSample(choice, input, shapeOf(input, sizes));
}
