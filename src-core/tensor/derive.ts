/** The bytes of derived storages, by range. Both doors of bytes come here: values (`stored.ts`) and tasks (`compute`). */
import { throwIfAborted } from '../base/errors.ts';
import { castElements } from './cast.ts';
import { chunksMaker } from './chunks.ts';
import { componentsOf } from './decode.ts';
import { type OpenInput, readDense, swapBytes } from './dense-range.ts';
import { copyHex, type Derivation, type PatchRun } from './derivation.ts';
import { bitsOf, type DType, familyOf } from './dtype.ts';
import { encodeElements } from './encode.ts';
import { sliceLayout } from './layout.ts';
import { combineMaker, lowRankMaker, readNumbers } from './merge-makers.ts';
import { roundHalfEven } from './narrow-float.ts';
import { dequantiseMaker, quantiseMaker } from './quant/maker.ts';
import { drawNumbers } from './random.ts';
import { scatterMaker } from './scatter-maker.ts';
import type { ReadStored } from './stored.ts';
import { unpackMaker } from './unpack/unpack-maker.ts';
import { varintMaker } from './varint-maker.ts';
import { countBefore, eachRun, planWalk } from './walk.ts';

export type { OpenInput } from './dense-range.ts';

export interface Maker {
  /** Bytes of an element. */
  readonly width: number;
  /** Elements [from, to), in memory that is the caller's. */
  readonly make: (from: number, to: number, signal?: AbortSignal) => Promise<Uint8Array<ArrayBuffer>>;
}

/** A reader of a derived storage; its inputs are read when it is asked. What it gives is the caller's. */
export function openDerived(expr: Derivation, inputs: readonly OpenInput[]): ReadStored {
  const { width, make } = openMaker(expr, inputs);
  return async (start, end, signal) => {
    throwIfAborted(signal);
    const from = Math.floor(start / width);
    const bytes = await make(from, Math.ceil(end / width), signal);
    return bytes.subarray(start - from * width, end - from * width);
  };
}

function openMaker(expr: Derivation, inputs: readonly OpenInput[]): Maker {
  const [input, second] = inputs as readonly [OpenInput, OpenInput];
  switch (expr.kind) {
    case 'fill':
      return fillMaker(expr.element);
    case 'dense':
      return { width: widthOf(input), make: (from, to, signal) => readDense(input, from, to, signal) };
    case 'reinterpret':
      return reinterpretMaker(expr, input);
    case 'random':
      return randomMaker(expr);
    case 'varints':
      return varintMaker(expr.width, input);
    case 'cast':
      return castMaker(expr.dtype, input);
    case 'dequantise':
      return dequantiseMaker(expr, input);
    case 'chunks':
      return chunksMaker(expr, inputs);
    case 'quantise':
      return quantiseMaker(expr, input);
    case 'affine':
      return affineMaker(expr, input);
    case 'combine':
      return combineMaker(expr, inputs);
    case 'low-rank':
      return lowRankMaker(expr, inputs);
    case 'unpack':
      return unpackMaker(expr, inputs);
    case 'patch':
      return patchMaker(expr.runs, input);
    case 'scatter':
      return scatterMaker(expr, inputs);
    case 'place':
      return placeMaker(expr, input, second);
  }
}

/** Types of less than a byte are not derived. */
const elementBytes = (dtype: DType): number => (bitsOf(dtype) ?? 8) / 8;
const widthOf = ({ layout }: OpenInput): number => elementBytes(layout.dtype);

function fillMaker(element: string): Maker {
  const width = element.length / 2;
  return {
    width,
    async make(from, to) {
      const bytes = new Uint8Array((to - from) * width);
      copyHex(element, 0, Math.min(width, bytes.length), bytes, 0);
      for (let done = width; done < bytes.length; done *= 2) bytes.copyWithin(done, 0, done);
      return bytes;
    },
  };
}

const randomMaker = ({ dtype, draw }: Derivation & { kind: 'random' }): Maker => ({
  width: elementBytes(dtype),
  make: async (from, to) => encodeElements(dtype, drawNumbers(draw, from, to)),
});

function reinterpretMaker({ dtype, endian }: Derivation & { kind: 'reinterpret' }, input: OpenInput): Maker {
  const width = elementBytes(dtype);
  return {
    width,
    async make(from, to, signal) {
      const bytes = await readDense(input, from * width, to * width, signal);
      if (endian === 'big') swapBytes(bytes, width / componentsOf(dtype));
      return bytes;
    },
  };
}

const castMaker = (dtype: DType, input: OpenInput): Maker => ({
  width: elementBytes(dtype),
  make: async (from, to, signal) =>
    castElements(input.layout.dtype, dtype, await readDense(input, from, to, signal), to - from),
});

function affineMaker({ scale, shift }: Derivation & { kind: 'affine' }, input: OpenInput): Maker {
  const { dtype } = input.layout;
  const isWhole = ['int', 'uint'].includes(familyOf(dtype));
  return {
    width: widthOf(input),
    async make(from, to, signal) {
      const numbers = await readNumbers(input, from, to, signal);
      for (let i = 0; i < numbers.length; i++) numbers[i] = numbers[i]! * scale + shift;
      return encodeElements(dtype, isWhole ? numbers.map(roundHalfEven) : numbers);
    },
  };
}

function patchMaker(runs: readonly PatchRun[], input: OpenInput): Maker {
  const width = widthOf(input);
  const endOf = ({ at, hex }: PatchRun) => at + hex.length / 2 / width;
  return {
    width,
    async make(from, to, signal) {
      const bytes = await readDense(input, from, to, signal);
      for (let i = firstRunPast(runs, from, endOf); i < runs.length; i++) {
        const run = runs[i] as PatchRun;
        if (run.at >= to) break;
        const [start, end] = [Math.max(from, run.at), Math.min(to, endOf(run))];
        copyHex(run.hex, (start - run.at) * width, (end - run.at) * width, bytes, (start - from) * width);
      }
      return bytes;
    },
  };
}

/** The first run that ends behind a place. */
function firstRunPast(runs: readonly PatchRun[], place: number, endOf: (run: PatchRun) => number): number {
  let [low, high] = [0, runs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (endOf(runs[middle] as PatchRun) > place) high = middle;
    else low = middle + 1;
  }
  return low;
}

function placeMaker({ slice }: Derivation & { kind: 'place' }, base: OpenInput, part: OpenInput): Maker {
  const width = widthOf(base);
  const { shape } = base.layout;
  const walk = planWalk(sliceLayout({ dtype: base.layout.dtype, shape, offset: 0 }, slice), 'logical');
  return {
    width,
    async make(from, to, signal) {
      const [first, last] = [countBefore(walk, from), countBefore(walk, to)];
      const isCovered = last - first === to - from;
      const bytes = isCovered ? new Uint8Array((to - from) * width) : await readDense(base, from, to, signal);
      if (first === last) return bytes;
      const placed = await readDense(part, first, last, signal);
      let done = 0;
      for (const { at, length } of eachRun(walk, first, last)) {
        bytes.set(placed.subarray(done, done + length * width), (at - from) * width);
        done += length * width;
      }
      return bytes;
    },
  };
}
