/** Matrices [out, in] of integer codes, a scale for each group of a row. */
import { decodeElements } from '../decode.ts';
import { type OpenInput, readDense } from '../dense-range.ts';
import { readNumbers, roundNumbers } from '../merge-makers.ts';
import { asWords, readWordCode } from './codes.ts';
import type { Packing, Unpacking } from './packing.ts';
import type { MakeRows } from './unpack-maker.ts';

const lastOf = ({ layout }: OpenInput): number => layout.shape.at(-1) ?? 1;

/** The library rounds the product and the sum, each to the type of the scales. */
export function affineRows({ columns, dtype }: Unpacking, bits: number, inputs: readonly OpenInput[]): MakeRows {
  const [weight, scales, biases] = inputs as readonly [OpenInput, OpenInput, OpenInput];
  const [perRow, groups] = [lastOf(weight), lastOf(scales)];
  const group = columns / groups;
  return async (first, end, signal) => {
    const words = asWords(await readDense(weight, first * perRow, end * perRow, signal));
    const scaleOf = await readNumbers(scales, first * groups, end * groups, signal);
    const biasOf = await readNumbers(biases, first * groups, end * groups, signal);
    const groupOf = (i: number) => Math.floor(i / columns) * groups + Math.floor((i % columns) / group);
    const numbers = new Float64Array((end - first) * columns);
    for (let i = 0; i < numbers.length; i++)
      numbers[i] = readWordCode(words, Math.floor(i / columns) * perRow, 1, i % columns, bits) * scaleOf[groupOf(i)]!;
    decodeElements(dtype, roundNumbers(dtype, numbers), 'little', numbers.length, numbers);
    for (let i = 0; i < numbers.length; i++) numbers[i]! += biasOf[groupOf(i)]!;
    return numbers;
  };
}

export function intRows(
  { columns }: Unpacking,
  { bits, zeroPoints }: Packing & { scheme: 'int' },
  inputs: readonly OpenInput[],
): MakeRows {
  const [weight, scales, zeros] = inputs as readonly [OpenInput, OpenInput, OpenInput | undefined];
  const [perRow, groups] = [lastOf(weight), lastOf(scales)];
  const group = columns / groups;
  const middle = 2 ** (bits - 1);
  // Each word holds whole codes: five of six bits, say.
  const perWord = Math.floor(32 / bits);
  const codeAt = (words: Uint32Array, start: number, stride: number, index: number): number =>
    ((words[start + Math.floor(index / perWord) * stride]! >>> ((index % perWord) * bits)) & (2 ** bits - 1)) - middle;
  return async (first, end, signal) => {
    const words = asWords(await readDense(weight, first * perRow, end * perRow, signal));
    const scaleOf = await readNumbers(scales, first * groups, end * groups, signal);
    const firstWord = Math.floor(first / perWord);
    const zeroWords =
      zeroPoints && zeros
        ? asWords(await readDense(zeros, firstWord * groups, Math.ceil(end / perWord) * groups, signal))
        : undefined;
    const numbers = new Float64Array((end - first) * columns);
    for (let row = first; row < end; row++) {
      for (let c = 0; c < columns; c++) {
        const g = Math.floor(c / group);
        const zero = zeroWords ? codeAt(zeroWords, g - firstWord * groups, groups, row) : 0;
        const code = codeAt(words, (row - first) * perRow, 1, c);
        numbers[(row - first) * columns + c] = (code - zero) * scaleOf[(row - first) * groups + g]!;
      }
    }
    return numbers;
  };
}

/** The library multiplies by this, in f32. */
const ONE_127TH = Math.fround(7.874015718698502e-3);

export function int8Rows({ columns }: Unpacking, inputs: readonly OpenInput[]): MakeRows {
  const [weight, scales] = inputs as readonly [OpenInput, OpenInput];
  return async (first, end, signal) => {
    const numbers = await readNumbers(weight, first * columns, end * columns, signal);
    const scaleOf = await readNumbers(scales, first, end, signal);
    for (let i = 0; i < numbers.length; i++)
      numbers[i] = Math.fround(Math.fround(numbers[i]! * scaleOf[Math.floor(i / columns)]!) * ONE_127TH);
    return numbers;
  };
}
