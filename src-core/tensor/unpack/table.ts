import { type OpenInput, readDense } from '../dense-range.ts';
import { readNumbers } from '../merge-makers.ts';
import type { Packing } from './packing.ts';

/** Numbers of elements [from, to): blocks are runs of them, whatever the rows. */
export function tableElements(
  { block, nested }: Packing & { scheme: 'table' },
  inputs: readonly OpenInput[],
): (from: number, to: number, signal?: AbortSignal) => Promise<Float64Array<ArrayBuffer>> {
  const [weight, absmax, map, nestedAbsmax, nestedMap] = inputs as readonly [
    OpenInput,
    OpenInput,
    OpenInput,
    ...OpenInput[],
  ];
  const readScales = async (first: number, end: number, signal?: AbortSignal): Promise<Float64Array> => {
    if (!nested || !nestedAbsmax || !nestedMap) return readNumbers(absmax, first, end, signal);
    const codes = await readDense(absmax, first, end, signal);
    const numbers = await readNumbers(nestedMap, 0, 256, signal);
    const start = Math.floor(first / nested.block);
    const scales = await readNumbers(nestedAbsmax, start, Math.ceil(end / nested.block), signal);
    const scaleOf = (i: number) => scales[Math.floor((first + i) / nested.block) - start]!;
    const offset = Math.fround(nested.offset);
    return Float64Array.from(codes, (code, i) => Math.fround(Math.fround(numbers[code]! * scaleOf(i)) + offset));
  };
  return async (from, to, signal) => {
    const [firstByte, endByte] = [Math.floor(from / 2), Math.ceil(to / 2)];
    const bytes = await readDense(weight, firstByte, endByte, signal);
    const numbers = await readNumbers(map, 0, 16, signal);
    const firstBlock = Math.floor(from / block);
    const scales = await readScales(firstBlock, Math.ceil(to / block), signal);
    const made = new Float64Array(to - from);
    for (let i = from; i < to; i++) {
      const byte = bytes[(i >> 1) - firstByte]!;
      const code = i % 2 === 0 ? byte >> 4 : byte & 15;
      made[i - from] = Math.fround(numbers[code]! * scales[Math.floor(i / block) - firstBlock]!);
    }
    return made;
  };
}
