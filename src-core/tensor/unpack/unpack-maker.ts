import type { OpenInput } from '../dense-range.ts';
import type { Maker } from '../derive.ts';
import { bitsOf } from '../dtype.ts';
import { roundNumbers } from '../merge-makers.ts';
import { awqRows, gptqRows } from './columns.ts';
import { mxfp4Rows, nvfp4Rows, scaledRows } from './floats.ts';
import { affineRows, int8Rows, intRows } from './integers.ts';
import type { Unpacking } from './packing.ts';
import { tableElements } from './table.ts';

/** Numbers of rows [first, end) of the matrix. */
export type MakeRows = (first: number, end: number, signal?: AbortSignal) => Promise<Float64Array<ArrayBuffer>>;

export function unpackMaker(unpacking: Unpacking, inputs: readonly OpenInput[]): Maker {
  const { dtype, columns, packing } = unpacking;
  const width = (bitsOf(dtype) ?? 8) / 8;
  if (packing.scheme === 'table') {
    const make = tableElements(packing, inputs);
    return { width, make: async (from, to, signal) => roundNumbers(dtype, await make(from, to, signal)) };
  }
  const makeRows = openRows(unpacking, inputs);
  return {
    width,
    async make(from, to, signal) {
      const first = Math.floor(from / columns);
      const numbers = await makeRows(first, Math.ceil(to / columns), signal);
      return roundNumbers(dtype, numbers.subarray(from - first * columns, to - first * columns));
    },
  };
}

function openRows(unpacking: Unpacking, inputs: readonly OpenInput[]): MakeRows {
  const { packing } = unpacking;
  switch (packing.scheme) {
    case 'gptq':
      return gptqRows(unpacking, packing, inputs);
    case 'awq':
      return awqRows(unpacking, inputs);
    case 'affine':
      return affineRows(unpacking, packing.bits, inputs);
    case 'int':
      return intRows(unpacking, packing, inputs);
    case 'int8':
      return int8Rows(unpacking, inputs);
    case 'scaled':
      return scaledRows(unpacking, inputs);
    case 'nvfp4':
      return nvfp4Rows(unpacking, packing.global, inputs);
    case 'mxfp4':
      return mxfp4Rows(unpacking, inputs);
    case 'table':
      throw new TypeError('its blocks are no rows');
  }
}
