/** Chunks that lie together in one file, with an index of where each is (zarr v3, `sharding_indexed`). */
import { malformed } from '../base/errors.ts';
import { crc32c } from '../bytes/crc32c.ts';
import { unpack } from '../bytes/unpack.ts';
import { componentsOf } from './decode.ts';
import { type OpenInput, swapBytes } from './dense-range.ts';
import type { Shard } from './derivation.ts';
import { bitsOf, countElements } from './dtype.ts';
import type { ReadChunk } from './grid.ts';

const SUM_BYTES = 4;
/** A chunk that was never written. */
const ABSENT = 2n ** 64n - 1n;
const FORMAT = 'zarr';

/** A reader of the chunks in a shard, whose bytes are the input; `count` is how many its index has. */
export function openShard(shard: Shard, count: number, input: OpenInput): ReadChunk {
  const { chunk, dtype, codec, isSummed, isBigEndian } = shard;
  const size = input.layout.shape[0]!;
  const width = (bitsOf(dtype) ?? 8) / 8;
  const bytesOfChunk = countElements(chunk) * width;
  let index: Promise<DataView> | undefined;
  return async (place, signal) => {
    index ??= readIndex(shard, input, count, signal);
    const view = await index.catch((error: unknown) => {
      index = undefined;
      throw error;
    });
    const [offset, length] = [view.getBigUint64(16 * place, true), view.getBigUint64(16 * place + 8, true)];
    if (offset === ABSENT && length === ABSENT) return undefined;
    const start = Number(offset);
    const end = start + Number(length) - (isSummed ? SUM_BYTES : 0);
    if (offset + length > BigInt(size) || end < start)
      throw broken(`chunk ${place} of a shard should be at bytes ${offset} to ${offset + length} of its ${size}`);
    if (isSummed) await checkSum(input, start, end, signal);
    const bytes = await readChunk(input, codec, start, end, bytesOfChunk, signal);
    if (isBigEndian) swapBytes(bytes, width / componentsOf(dtype));
    return bytes;
  };
}

async function readIndex(
  { isIndexFirst, isIndexSummed }: Shard,
  { layout, read }: OpenInput,
  count: number,
  signal: AbortSignal | undefined,
): Promise<DataView> {
  const length = 16 * count + (isIndexSummed ? SUM_BYTES : 0);
  const size = layout.shape[0]!;
  if (length > size) throw broken(`a shard of ${size} bytes has no room for its index of ${length}`);
  const start = isIndexFirst ? 0 : size - length;
  const bytes = await read(start, start + length, signal);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isIndexSummed && crc32c(bytes.subarray(0, 16 * count)) !== view.getUint32(16 * count, true))
    throw broken('the check sum of the index of a shard is another');
  return view;
}

async function checkSum(
  { read }: OpenInput,
  start: number,
  end: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const bytes = await read(start, end + SUM_BYTES, signal);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (crc32c(bytes.subarray(0, end - start)) !== view.getUint32(end - start, true))
    throw broken('the check sum of a chunk is another');
}

async function readChunk(
  { read }: OpenInput,
  codec: Shard['codec'],
  start: number,
  end: number,
  unpacked: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  if (codec) {
    const source = { name: 'a chunk', read };
    return unpack(codec, source, start, end, unpacked, { format: FORMAT, signal });
  }
  if (end - start !== unpacked) throw broken(`a chunk has ${end - start} bytes where ${unpacked} are needed`);
  return (await read(start, end, signal)).slice();
}

const broken = (detail: string) => malformed('a shard', FORMAT, detail);
