/** Matrices [in, out] whose groups are runs of rows: scales and zero points of all groups are read once and held. */
import { type OpenInput, readDense } from '../dense-range.ts';
import { readNumbers } from '../merge-makers.ts';
import { asWords, readWordCode } from './codes.ts';
import type { Packing, Unpacking } from './packing.ts';
import type { MakeRows } from './unpack-maker.ts';

interface Groups {
  /** By group and column. */
  readonly scales: Float64Array;
  readonly zeros: Float64Array;
}

/** One that is stopped must not stop the others: they are read for all ranges. */
const hold = (read: () => Promise<Groups>): (() => Promise<Groups>) => {
  let held: Promise<Groups> | undefined;
  return () => {
    held ??= read();
    return held;
  };
};

const countOf = ({ layout }: OpenInput): number => layout.shape.reduce((n, dim) => n * dim, 1);

export function gptqRows(
  { rows, columns }: Unpacking,
  { bits, zeroShift, order }: Packing & { scheme: 'gptq' },
  [qweight, scales, qzeros, gIdx]: readonly OpenInput[],
): MakeRows {
  const [groups = 1] = scales!.layout.shape;
  const wordColumns = qzeros!.layout.shape[1]!;
  const perGroup = Math.ceil(rows / groups);
  // Two, four and eight bits wrap, as in the library; three do not.
  const wrap = bits === 3 ? 16 : 2 ** bits;
  const readGroups = hold(async () => {
    const words = asWords(await readDense(qzeros!, 0, groups * wordColumns));
    const zeros = new Float64Array(groups * columns);
    for (let g = 0; g < groups; g++) {
      for (let c = 0; c < columns; c++)
        zeros[g * columns + c] = (readWordCode(words, g * wordColumns, 1, c, bits) + zeroShift) % wrap;
    }
    return { scales: await readNumbers(scales!, 0, groups * columns, undefined), zeros };
  });
  return async (first, end, signal) => {
    const { scales: scaleOf, zeros } = await readGroups();
    const firstWord = Math.floor((first * bits) / 32);
    const endWord = Math.ceil((end * bits) / 32);
    const words = asWords(await readDense(qweight!, firstWord * columns, endWord * columns, signal));
    const groupOf = order ? await readNumbers(gIdx!, first, end, signal) : undefined;
    const numbers = new Float64Array((end - first) * columns);
    for (let row = first; row < end; row++) {
      const group = (groupOf ? groupOf[row - first]! : Math.floor(row / perGroup)) * columns;
      const at = (row - first) * columns;
      for (let c = 0; c < columns; c++) {
        const code = readWordCode(words, c - firstWord * columns, columns, row, bits);
        numbers[at + c] = scaleOf[group + c]! * (code - zeros[group + c]!);
      }
    }
    return numbers;
  };
}

/** Where in its word the code of a column stands. */
const AWQ_PLACES = [0, 4, 1, 5, 2, 6, 3, 7] as const;

const awqCode = (words: Uint32Array, rowStart: number, column: number): number =>
  (words[rowStart + (column >> 3)]! >>> (4 * AWQ_PLACES[column & 7]!)) & 15;

export function awqRows({ rows, columns }: Unpacking, [qweight, qzeros, scales]: readonly OpenInput[]): MakeRows {
  const [groups = 1] = scales!.layout.shape;
  const perRow = columns >> 3;
  const perGroup = Math.ceil(rows / groups);
  const readGroups = hold(async () => {
    const words = asWords(await readDense(qzeros!, 0, countOf(qzeros!)));
    const zeros = new Float64Array(groups * columns);
    for (let g = 0; g < groups; g++)
      for (let c = 0; c < columns; c++) zeros[g * columns + c] = awqCode(words, g * perRow, c);
    return { scales: await readNumbers(scales!, 0, groups * columns, undefined), zeros };
  });
  return async (first, end, signal) => {
    const { scales: scaleOf, zeros } = await readGroups();
    const words = asWords(await readDense(qweight!, first * perRow, end * perRow, signal));
    const numbers = new Float64Array((end - first) * columns);
    for (let row = first; row < end; row++) {
      const group = Math.floor(row / perGroup) * columns;
      for (let c = 0; c < columns; c++) {
        const code = awqCode(words, (row - first) * perRow, c);
        numbers[(row - first) * columns + c] = (code - zeros[group + c]!) * scaleOf[group + c]!;
      }
    }
    return numbers;
  };
}
