/** The bytes of a storage by range, wherever they are: in one file or several, packed or not, or in the document itself. */
import { malformed, StateglassError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { bufferSource } from '../bytes/buffer.ts';
import type { ByteSource, FileSet } from '../bytes/source.ts';
import { type Codec, unpack } from '../bytes/unpack.ts';
import { asNumbers } from './blocks.ts';
import { type OpenInput, openDerived } from './derive.ts';
import type { StoredBytes, StoredSlice } from './layout.ts';

export interface OpenStorageOptions {
  /** What is read, for errors. */
  readonly name: string;
  /** For errors. */
  readonly format: string;
  /** Bytes of the storage that may be asked for. What is packed is unpacked once, for these. */
  readonly within: { readonly start: number; readonly end: number };
}

type PresentBytes = StoredBytes & { readonly data: Exclude<StoredBytes['data'], { kind: 'absent' }> };

/** Throws `not-found`, with the reason, where there are no bytes to read. */
export function requireStored(storage: StoredBytes | undefined, name: string): PresentBytes {
  if (storage && isPresent(storage)) return storage;
  const why = storage?.data.kind === 'absent' ? storage.data.why : 'it is declared without data';
  throw new StateglassError({ kind: 'not-found', what: name, detail: why });
}

const isPresent = (storage: StoredBytes): storage is PresentBytes => storage.data.kind !== 'absent';

/** Exactly the bytes [start, end) of the storage. */
export type ReadStored = (start: number, end: number, signal?: AbortSignal) => Promise<Uint8Array<ArrayBuffer>>;

/**
 * A reader of one storage. Nothing is read yet.
 *
 * @throws `not-found` when the bytes are not here; the reader throws `malformed` for bytes that the file does not have.
 */
export function openStorage(storage: StoredBytes | undefined, files: FileSet, options: OpenStorageOptions): ReadStored {
  const { name, format } = options;
  const { data, byteLength } = requireStored(storage, name);
  if (data.kind === 'inline' && data.codec) {
    const slice = { file: name, offset: 0, length: data.bytes.length, inflated: byteLength };
    return readPacked(data.codec, bufferSource(data.bytes, name), slice, options.within, options);
  }
  if (data.kind === 'inline') {
    return async (start, end) => {
      if (end > data.bytes.length) throw short(name, format, end, data.bytes.length);
      return data.bytes.subarray(start, end);
    };
  }
  if (data.kind === 'derived') {
    const inputs = data.inputs.map((input): OpenInput => {
      const { value, storage } = asNumbers(input.value, input.storage);
      return {
        layout: value,
        endian: storage.endian,
        // Opened for each range: what is packed is unpacked for that alone.
        read: (start, end, signal) =>
          openStorage(storage, files, { name, format, within: { start, end } })(start, end, signal),
      };
    });
    return openDerived(data.expr, inputs);
  }
  const pieces = placePieces(data.slices, files, options);
  return async (start, end, signal) => {
    const touched = pieces.filter((piece) => piece.from < end && piece.to > start);
    const parts = touched.map((piece) =>
      piece.read(Math.max(start, piece.from) - piece.from, Math.min(end, piece.to) - piece.from, signal),
    );
    const found = await Promise.all(parts);
    const length = found.reduce((sum, part) => sum + part.length, 0);
    if (length !== end - start) throw short(name, format, end, Math.min(byteLength, pieces.at(-1)?.to ?? 0));
    if (found[0] && found.length === 1) return found[0];
    const whole = new Uint8Array(length);
    let at = 0;
    for (const part of found) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  };
}

const short = (name: string, format: string, end: number, has: number): StateglassError =>
  malformed(name, format, `the values asked for reach to byte ${end} of a storage that has ${has}`);

interface Piece {
  /** Bytes [from, to) of the storage. */
  readonly from: number;
  readonly to: number;
  /** Bytes of the piece. */
  readonly read: ReadStored;
}

function placePieces(slices: readonly StoredSlice[], files: FileSet, options: OpenStorageOptions): Piece[] {
  const { name, within } = options;
  let at = 0;
  const pieces: Piece[] = [];
  for (const slice of slices) {
    const length = slice.codec ? (slice.inflated ?? 0) : slice.length;
    const [from, to] = [at, at + length];
    at = to;
    if (to <= within.start || from >= within.end || length === 0) continue;
    const source = files.get(slice.file);
    if (!source) throw new StateglassError({ kind: 'not-found', what: name, detail: `${slice.file} is not open` });
    const wanted = { start: Math.max(0, within.start - from), end: Math.min(length, within.end - from) };
    const { codec } = slice;
    const read = codec ? readPacked(codec, source, slice, wanted, options) : readPlain(source, slice, options);
    pieces.push({ from, to, read });
  }
  return pieces;
}

function readPlain(source: ByteSource, { offset }: StoredSlice, { format }: OpenStorageOptions): ReadStored {
  return async (start, end, signal) => {
    if (offset + end > source.size) {
      const detail = `the file ends at byte ${source.size}, the values asked for are at bytes ${offset + start} to ${offset + end}`;
      throw malformed(source.name, format, detail, source.size);
    }
    return source.read(offset + start, offset + end, signal);
  };
}

/** Packed bytes have no places to begin at: everything before what is wanted is made and dropped, once. */
function readPacked(
  codec: Codec,
  source: ByteSource,
  slice: StoredSlice,
  wanted: { readonly start: number; readonly end: number },
  { name, format }: OpenStorageOptions,
): ReadStored {
  const bytes = wanted.end - wanted.start;
  // A chunk has a limit of its own: it is all that is unpacked at once.
  if (codec === 'deflate' && bytes > LIMITS.sliceBytes) {
    throw new StateglassError({
      kind: 'limit',
      file: name,
      limit: 'sliceBytes',
      value: bytes,
      max: LIMITS.sliceBytes,
      detail: 'compressed bytes have to be unpacked in one piece: take a slice that spans less',
    });
  }
  let unpacked: Promise<Uint8Array<ArrayBuffer>> | undefined;
  return async (start, end, signal) => {
    const { offset, length, inflated = 0 } = slice;
    unpacked ??= unpack(codec, source, offset, offset + length, inflated, {
      format,
      from: wanted.start,
      upTo: wanted.end,
      signal,
    });
    return (await unpacked).subarray(start - wanted.start, end - wanted.start);
  };
}
