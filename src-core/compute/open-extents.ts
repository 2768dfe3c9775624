/** The bytes of a located storage, with everything that it is made of open. */
import { StateglassError } from '../base/errors.ts';
import { bufferSource } from '../bytes/buffer.ts';
import type { ByteSource, SourceHandle } from '../bytes/source.ts';
import { unpack } from '../bytes/unpack.ts';
import { isContiguous } from '../tensor/dense-range.ts';
import { type OpenInput, openDerived } from '../tensor/derive.ts';
import type { ReadStored } from '../tensor/stored.ts';
import { ByteFeed, type Readable, type Span } from './byte-feed.ts';
import { type DerivedExtent, isChunked, isDerived, type SourceExtent, type StorageBytes } from './task.ts';

/** Opens a handle; called once for each source of a task. */
export type OpenSource = (handle: SourceHandle) => Promise<ByteSource>;

export interface Part {
  readonly source: Readable;
  readonly offset: number;
  readonly length: number;
}

/** Bytes that are made at once: a read of a file costs about as much as reading so many. */
const MADE_BYTES = 2 * 2 ** 20;
/** A transposed input is gone through once for each. */
const MADE_BYTES_STRIDED = 16 * 2 ** 20;

export function openExtents(storage: StorageBytes, open: OpenSource, signal?: AbortSignal): Promise<readonly Part[]> {
  const sources = new Map<SourceHandle, Promise<ByteSource>>();
  const openOnce: OpenSource = (handle) => {
    const opened = sources.get(handle) ?? open(handle);
    sources.set(handle, opened);
    return opened;
  };
  return openParts(storage, openOnce, signal);
}

function openParts({ extents }: StorageBytes, open: OpenSource, signal?: AbortSignal): Promise<readonly Part[]> {
  return Promise.all(
    extents.map(async (extent) => {
      if (isDerived(extent)) return { source: await openMade(extent, open, signal), offset: 0, length: extent.length };
      const { source: handle, offset, length } = extent;
      const source = await open(handle);
      if (extent.codec === undefined) return { source, offset, length };
      const bytes = await unpackExtent(extent, open, signal);
      return { source: bufferSource(bytes, source.name), offset: 0, length: bytes.length };
    }),
  );
}

async function unpackExtent(
  { source: handle, offset, length, inflated = 0, codec = 'deflate' }: SourceExtent,
  open: OpenSource,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  return unpack(codec, await open(handle), offset, offset + length, inflated, { format: 'state dict', signal });
}

/** A chunk, which is opened and unpacked when it is read, and let go of then: what is still needed is kept by who puts chunks together. */
function openChunk({ extents }: StorageBytes, open: OpenSource): OpenInput['read'] {
  return async (start, end, signal) => {
    const parts = await openParts({ endian: 'little', extents }, open, signal);
    return readBytes(parts, start, end, signal);
  };
}

async function openMade(extent: DerivedExtent, open: OpenSource, signal?: AbortSignal): Promise<Readable> {
  const { expr, inputs } = extent;
  const opened = await Promise.all(
    inputs.map(async ({ layout, storage }): Promise<OpenInput> => {
      if (isChunked(extent)) return { layout, endian: storage.endian, read: openChunk(storage, open) };
      const parts = await openParts(storage, open, signal);
      return { layout, endian: storage.endian, read: (start, end, stop) => readBytes(parts, start, end, stop) };
    }),
  );
  const read = openDerived(expr, opened);
  const step = inputs.every(({ layout }) => isContiguous(layout)) ? MADE_BYTES : MADE_BYTES_STRIDED;
  return { name: 'tensor', read, reader: (start, end, stop) => readMade(read, start, end, step, stop) };
}

function readMade(read: ReadStored, start: number, end: number, step: number, signal?: AbortSignal) {
  let made: Uint8Array<ArrayBuffer> = new Uint8Array();
  let next = start;
  const take = (into: Uint8Array<ArrayBuffer>): number => {
    const part = made.subarray(0, into.length);
    into.set(part);
    made = made.subarray(part.length);
    return part.length;
  };
  return {
    readInto(into: Uint8Array<ArrayBuffer>): number | Promise<number> {
      if (made.length > 0 || next === end) return take(into);
      const from = next;
      next = Math.min(end, from + step);
      return read(from, next, signal).then((bytes) => {
        made = bytes;
        return take(into);
      });
    },
    close: () => undefined,
  };
}

/** Bytes [start, end) of a storage as spans of its sources. */
export function spansOf(parts: readonly Part[], start: number, end: number): Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const { source, offset, length } of parts) {
    const [from, to] = [Math.max(start, at), Math.min(end, at + length)];
    if (from < to) spans.push({ source, start: offset + from - at, end: offset + to - at });
    at += length;
  }
  if (end > at) {
    const detail = `bytes ${start} to ${end} were asked for, but the storage has ${at}`;
    throw new StateglassError({ kind: 'source', file: parts[0]?.source.name ?? 'tensor', detail });
  }
  return spans;
}

export async function readBytes(
  parts: readonly Part[],
  start: number,
  end: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const feed = new ByteFeed(spansOf(parts, start, end), signal);
  const bytes = new Uint8Array(end - start);
  try {
    await feed.fill(bytes);
    return bytes;
  } finally {
    feed.close();
  }
}
