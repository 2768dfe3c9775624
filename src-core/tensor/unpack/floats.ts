/** Matrices [out, in] of small floats, a scale for each block of them. Scales are joined in f32, as the libraries do. */
import { type OpenInput, readDense } from '../dense-range.ts';
import { readNumbers } from '../merge-makers.ts';
import { E2M1 } from './codes.ts';
import type { Unpacking } from './packing.ts';
import type { MakeRows } from './unpack-maker.ts';

export function scaledRows({ rows, columns }: Unpacking, inputs: readonly OpenInput[]): MakeRows {
  const [weight, scales] = inputs as readonly [OpenInput, OpenInput];
  const [down, along] = gridOf(scales.layout.shape, rows);
  const [blockRows, blockColumns] = [blockOf(rows, down), blockOf(columns, along)];
  return async (first, end, signal) => {
    const numbers = await readNumbers(weight, first * columns, end * columns, signal);
    const firstBlock = Math.floor(first / blockRows);
    const endBlock = Math.ceil(end / blockRows);
    const scaleOf = await readNumbers(scales, firstBlock * along, endBlock * along, signal);
    for (let row = first; row < end; row++) {
      const start = (Math.floor(row / blockRows) - firstBlock) * along;
      for (let c = 0; c < columns; c++)
        numbers[(row - first) * columns + c]! *= scaleOf[start + Math.floor(c / blockColumns)]!;
    }
    return numbers;
  };
}

/** Scales down and along: one for all, one a row, or one a block. */
const gridOf = (shape: readonly number[], rows: number): readonly [down: number, along: number] => {
  if (shape.length < 2) return [shape[0] === rows ? rows : 1, 1];
  return [shape.slice(0, -1).reduce((n, dim) => n * dim, 1), shape.at(-1)!];
};

/** Blocks at the edge are cut off, so that their size is only known within bounds: 128 where it fits, as everybody has it. */
const USUAL_BLOCK = 128;
export const blockOf = (size: number, blocks: number): number =>
  blocks > 1 && Math.ceil(size / USUAL_BLOCK) === blocks ? USUAL_BLOCK : Math.ceil(size / blocks);

const NVFP4_BLOCK = 16;

export function nvfp4Rows(
  { columns }: Unpacking,
  global: 'factor' | 'divisor',
  inputs: readonly OpenInput[],
): MakeRows {
  const [weight, scales, whole] = inputs as readonly [OpenInput, OpenInput, OpenInput | undefined];
  const groups = columns / NVFP4_BLOCK;
  return async (first, end, signal) => {
    const bytes = await readDense(weight, (first * columns) / 2, (end * columns) / 2, signal);
    const scaleOf = await readNumbers(scales, first * groups, end * groups, signal);
    const [one = 1] = whole ? await readNumbers(whole, 0, 1, signal) : [];
    for (let i = 0; i < scaleOf.length; i++)
      scaleOf[i] = Math.fround(global === 'factor' ? scaleOf[i]! * one : scaleOf[i]! / one);
    return scaleFours(bytes, scaleOf, NVFP4_BLOCK);
  };
}

const MXFP4_BLOCK = 32;
const MXFP4_BIAS = 127;

export function mxfp4Rows({ columns }: Unpacking, inputs: readonly OpenInput[]): MakeRows {
  const [blocks, scales] = inputs as readonly [OpenInput, OpenInput];
  const groups = columns / MXFP4_BLOCK;
  return async (first, end, signal) => {
    const bytes = await readDense(blocks, (first * columns) / 2, (end * columns) / 2, signal);
    const exponents = await readDense(scales, first * groups, end * groups, signal);
    return scaleFours(
      bytes,
      Float64Array.from(exponents, (code) => 2 ** (code - MXFP4_BIAS)),
      MXFP4_BLOCK,
    );
  };
}

function scaleFours(bytes: Uint8Array, scales: Float64Array, block: number): Float64Array<ArrayBuffer> {
  const numbers = new Float64Array(2 * bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    const scale = scales[Math.floor((2 * i) / block)]!;
    numbers[2 * i] = E2M1[bytes[i]! & 15]! * scale;
    numbers[2 * i + 1] = E2M1[bytes[i]! >> 4]! * scale;
  }
  return numbers;
}
