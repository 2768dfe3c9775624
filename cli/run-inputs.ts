/** What is given to a module on the command line: made, read from a file, or typed. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  findKey,
  type InputSpec,
  makeSample,
  offeredShape,
  type RunTensor,
  readNpy,
  readSample,
  type Sample,
  StateglassError,
  type Tokeniser,
} from '../src-core/index.ts';
import { openPaths } from './open-paths.ts';

const MADE = /^(random|normal|uniform|zeros|ones|ramp|one-hot)(?::(\d+))?$/;
const TENSOR_FILE = /^(.+?\.(?:safetensors|pt|pth|bin|ckpt)):(.+)$/i;
const NUMBERS = /^[-+.\deE\s]+(,[-+.\deE\s]+)*$/;

/** A sample for every input: `name=…` says for which, anything else is for the first. What is not given is drawn with seed 0. */
export async function readInputs(
  specs: readonly InputSpec[],
  given: readonly string[],
  shapes: readonly string[],
  tokeniser: () => Promise<Tokeniser | undefined>,
): Promise<Record<string, RunTensor>> {
  const samples = assign(specs, given, 'input');
  const sizes = assign(specs, shapes, 'shape');
  const found: Record<string, RunTensor> = {};
  for (const spec of specs) {
    const shape = sizes.get(spec.name);
    found[spec.name] = await readInput(samples.get(spec.name), spec, shape ? readShape(shape) : undefined, tokeniser);
  }
  return found;
}

function assign(specs: readonly InputSpec[], given: readonly string[], what: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const text of given) {
    const cut = text.indexOf('=');
    const named = specs.find(({ name }) => cut > 0 && name === text.slice(0, cut));
    const { name } = named ?? (specs[0] as InputSpec);
    if (found.has(name)) throw bad(`--${what}: ${name} is given twice`);
    found.set(name, named ? text.slice(cut + 1) : text);
  }
  return found;
}

async function readInput(
  text: string | undefined,
  spec: InputSpec,
  shape: readonly number[] | undefined,
  tokeniser: () => Promise<Tokeniser | undefined>,
): Promise<RunTensor> {
  if (text === undefined)
    return makeSample({ kind: spec.dtype === 'f32' ? 'normal' : 'uniform', seed: 0 }, spec, shape);
  const made = MADE.exec(text);
  if (made) return makeSample(toSample(made[1] as string, Number(made[2] ?? 0), spec), spec, shape);
  if (/\.npy$/i.test(text)) return readNpy(new Uint8Array(await readFile(text)), basename(text), spec.dtype);
  const tensor = TENSOR_FILE.exec(text);
  if (tensor) {
    const [document] = await openPaths([tensor[1] as string]);
    if (document) return readSample(document, findKey(document, tensor[2] as string).id, spec.dtype);
  }
  if (NUMBERS.test(text)) return makeSample({ kind: 'numbers', numbers: text.split(',').map(Number) }, spec, shape);
  const encoder = spec.meaning === 'tokens' ? await tokeniser() : undefined;
  if (encoder) return makeSample({ kind: 'numbers', numbers: encoder.encode(text) }, spec, shape);
  throw bad(
    `--input ${text}: say random:SEED, uniform:SEED, zeros, ones, ramp, one-hot:PLACE, numbers with commas, a .npy file, or FILE:KEY${spec.meaning === 'tokens' ? '; for a text there is no tokenizer.json beside the file, and no vocabulary in it' : ''}`,
  );
}

function toSample(kind: string, number: number, { dtype }: InputSpec): Sample {
  if (kind === 'random') return { kind: dtype === 'f32' ? 'normal' : 'uniform', seed: number };
  if (kind === 'normal' || kind === 'uniform') return { kind, seed: number };
  if (kind === 'one-hot') return { kind, at: number };
  return { kind: kind as 'zeros' | 'ones' | 'ramp' };
}

/** `1x3x32x32`, `1×3×32×32` or `1,3,32,32`. */
function readShape(text: string): number[] {
  const shape = text.split(/[x×,]/).map(Number);
  if (shape.some((size) => !Number.isInteger(size) || size < 1)) throw bad(`--shape ${text}: sizes like 1x3x32x32`);
  return shape;
}

/** What the offer is, for messages. */
export const wordInput = (spec: InputSpec): string =>
  `${spec.name}: ${spec.meaning}, ${spec.dtype} ${spec.dims.map(({ size, free }) => (free ? `${free}=${size}` : size)).join('×') || offeredShape(spec).join('×')}`;

const bad = (detail: string): StateglassError => new StateglassError({ kind: 'bad-input', detail });
