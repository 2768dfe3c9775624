/** An array's chunks as a storage: put together from those that a range touches, when it is asked for. */
import type { FileSet } from '../../bytes/source.ts';
import type { ByteSlice, DerivedInput, Storage, StorageData, StorageId } from '../../model/state-dict.ts';
import { bitsOf, countElements, type KnownDType } from '../../tensor/dtype.ts';
import { gridShape } from '../../tensor/grid.ts';
import { contiguousStrides } from '../../tensor/layout.ts';
import type { StoredValue } from './key-values.ts';
import type { FoundArray } from './zarr-arrays.ts';
import type { ZarrArray } from './zarr-metadata.ts';

const widthOf = (dtype: KnownDType): number => (bitsOf(dtype) ?? 8) / 8;
type Chunks = FoundArray['chunks'];

/** Inputs of a storage are made when they are looked at: an array on a thousand devices has as many. */
export function makeStorage(id: StorageId, array: ZarrArray, chunks: Chunks): Storage {
  const byteLength = countElements(array.shape) * widthOf(array.dtype);
  const whole = wholeChunk(array, chunks);
  if (whole) return { id, byteLength, endian: array.endian, data: whole };
  let data: StorageData | undefined;
  return {
    id,
    byteLength,
    endian: 'little',
    get data() {
      data ??= deriveData(array, chunks);
      return data;
    },
  };
}

/** An array that is one chunk lies as it is. */
function wholeChunk(array: ZarrArray, chunks: Chunks): StorageData | undefined {
  const [only, more] = chunks;
  const { shape, chunk, shard, order, codec, dtype } = array;
  if (!only || more || shard || order || chunk.some((dim, axis) => dim !== shape[axis])) return undefined;
  return packedData(only[1], array, codec && countElements(shape) * widthOf(dtype));
}

function deriveData(array: ZarrArray, chunks: Chunks): StorageData {
  const { shape, chunk, fill, shard } = array;
  const places = chunks.map(([place]) => place);
  return {
    kind: 'derived',
    expr: { kind: 'chunks', shape, chunk, places, fill, ...(shard && { shard }) },
    inputs: chunks.map(([place, value]) =>
      array.shard ? shardInput(place, value, array) : chunkInput(place, value, array),
    ),
  };
}

function chunkInput(id: StorageId, value: StoredValue, array: ZarrArray): DerivedInput {
  const { chunk, dtype, endian, order, codec } = array;
  const byteLength = countElements(chunk) * widthOf(dtype);
  const strides = order && stridesOf(chunk, order);
  return {
    value: { type: 'tensor', dtype, shape: chunk, offset: 0, storage: id, ...(strides && { strides }) },
    storage: { id, byteLength, endian, data: packedData(value, array, codec && byteLength) },
  };
}

/** A shard as the bytes that it is. */
function shardInput(id: StorageId, value: StoredValue, array: ZarrArray): DerivedInput {
  const length = lengthOf(value) - array.trailer;
  return {
    value: { type: 'tensor', dtype: 'u8', shape: [length], offset: 0, storage: id },
    storage: { id, byteLength: length, endian: 'little', data: packedData(value, array, undefined) },
  };
}

/** `unpacked`: bytes that a packed value becomes. */
function packedData(
  value: StoredValue,
  { codec, trailer, shard }: ZarrArray,
  unpacked: number | undefined,
): StorageData {
  const packing = shard || unpacked === undefined ? undefined : codec;
  if (value.kind === 'inline') {
    const bytes = value.bytes.slice(0, value.bytes.length - trailer);
    return { kind: 'inline', bytes, ...(packing && { codec: packing }) };
  }
  const { file, offset, length } = value;
  const slice: ByteSlice = { file, offset, length: Math.max(0, length - trailer) };
  return { kind: 'slices', slices: [packing ? { ...slice, codec: packing, inflated: unpacked! } : slice] };
}

const lengthOf = (value: StoredValue): number => (value.kind === 'inline' ? value.bytes.length : value.length);

/** Of a chunk whose axes lie in another order, slowest first. */
function stridesOf(chunk: readonly number[], order: readonly number[]): number[] {
  const stored = contiguousStrides(order.map((axis) => chunk[axis]!));
  const strides = new Array<number>(chunk.length);
  order.forEach((axis, i) => {
    strides[axis] = stored[i]!;
  });
  return strides;
}

/** Whether a chunk lies outside the files that are here: then nothing of the array can be trusted to be where it should. */
export function isCut({ array, chunks }: FoundArray, files: FileSet): boolean {
  if (array instanceof Error) return false;
  return chunks.some(([, value]) => {
    if (value.kind === 'inline') return value.bytes.length < array.trailer;
    const size = files.get(value.file)?.size;
    return size === undefined || value.offset + value.length > size || value.length < array.trailer;
  });
}

/** What is odd about an array's chunks, as a sentence part; undefined when all is well. */
export function whatIsOdd({ array, chunks, strangers }: FoundArray): string | undefined {
  if (array instanceof Error) return undefined;
  const { codec, shard, dtype, chunk, trailer } = array;
  const bytes = countElements(chunk) * widthOf(dtype) + trailer;
  if (!codec && !shard && chunks.some(([, value]) => lengthOf(value) !== bytes))
    return `has a chunk that is not the ${bytes} bytes long that its shape asks for`;
  return strangers > 0 ? `has ${strangers} keys that are no chunks of it` : undefined;
}

/** Chunks that were never written, and hold the fill value. */
export const countMissing = ({ array, chunks }: FoundArray): number =>
  array instanceof Error ? 0 : countElements(gridShape(array)) - chunks.length;
