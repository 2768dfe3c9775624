import type { ByteSlice, EntryId, Storage, TensorValue } from '../../src-core/index.ts';
import type { DocumentId } from '../engine/api.ts';
import { engine } from './engine.ts';
import { strideOf } from './value-tiles.ts';
import { type WindowReads, windowCache } from './window-cache.ts';

/** Bytes of a storage, of which those near what is on screen are here. */
export interface StoredPages extends WindowReads {
  byteAt(at: number): number | undefined;
  /** Tells which bytes [from, to) are on screen. */
  want(from: number, to: number): void;
}

const PAGE = 16_384;
const KEPT = 64;

export function storedPages(document: DocumentId, entry: EntryId, byteLength: number): StoredPages {
  const last = Math.ceil(byteLength / PAGE) - 1;
  const cache = windowCache<Uint8Array>({
    keep: KEPT,
    read: (key, signal) => {
      const start = Number(key) * PAGE;
      return engine().storedBytes({ document, entry, start, end: Math.min(byteLength, start + PAGE) }, { signal });
    },
  });
  return {
    byteAt: (at) => cache.get(String(Math.floor(at / PAGE)))?.[at % PAGE],
    want(from, to) {
      const [first, end] = [Math.floor(from / PAGE), Math.floor(Math.max(from, to - 1) / PAGE)];
      const inSight: string[] = [];
      for (let page = first; page <= end; page++) inSight.push(String(page));
      const near = [end + 1, first - 1].filter((page) => page >= 0 && page <= last);
      cache.want(inSight, near.map(String));
    },
    ...cache.reads,
  };
}

/** Where a byte of a storage lies in a file; undefined where it is packed, or in the document's own text. */
export function fileOffset(
  storage: Storage,
  at: number,
): { readonly file: string; readonly offset: number } | undefined {
  const slice = sliceAt(storage, at);
  return slice && { file: slice.slice.file, offset: slice.slice.offset + at - slice.from };
}

function sliceAt({ data }: Storage, at: number): { readonly slice: ByteSlice; readonly from: number } | undefined {
  if (data.kind !== 'slices') return undefined;
  let from = 0;
  for (const slice of data.slices) {
    const length = slice.codec ? (slice.inflated ?? 0) : slice.length;
    if (at < from + length) return slice.codec ? undefined : { slice, from };
    from += length;
  }
  return undefined;
}

/** The index of an element by its place in the storage; undefined where the tensor does not touch it, or skips about. */
export function indexOfElement(tensor: TensorValue, element: number): number[] | undefined {
  const { shape } = tensor;
  const count = shape.reduce((product, dim) => product * dim, 1);
  let rest = element - tensor.offset;
  if (tensor.strides || rest < 0 || rest >= count) return undefined;
  return shape.map((_, axis) => {
    const stride = strideOf(tensor, axis);
    const at = Math.floor(rest / stride);
    rest -= at * stride;
    return at;
  });
}
