import { bitsOf } from '../tensor/dtype.ts';
import type { Document } from './document.ts';

/** Byte offsets in their files of the first elements of tensors, in the order of `rows`; NaN for what does not lie in a file as it is. */
export function fileOffsets({ state }: Document, rows: Iterable<number>): Float64Array<ArrayBuffer> {
  return Float64Array.from(rows, (row) => {
    const { value } = state.entries.at(row);
    if (value.type !== 'tensor' || value.storage === undefined) return Number.NaN;
    const data = state.storages.get(value.storage)?.data;
    if (data?.kind !== 'slices') return Number.NaN;
    let at = (value.offset * (bitsOf(value.dtype) ?? Number.NaN)) / 8;
    for (const slice of data.slices) {
      if (slice.codec) return Number.NaN;
      if (at < slice.length || (at === 0 && slice.length === 0)) return slice.offset + at;
      at -= slice.length;
    }
    return Number.NaN;
  });
}
