/** Packed bytes, however they are packed. */
import { malformed, StateglassError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { type InflateOptions, inflate } from './inflate.ts';
import type { ByteSource } from './source.ts';
import { unzstd } from './unzstd.ts';

/** `deflate`: bare. `gzip` and `zstd`: with their headers. */
export type Codec = 'deflate' | 'gzip' | 'zstd';

/**
 * Unpacks bytes [start, end) of a source to exactly `unpacked` bytes, or to those in [`from`, `upTo`).
 *
 * @throws `limit` when the size promised is out of proportion, `malformed` when the stream breaks off or does not keep it.
 */
export async function unpack(
  codec: Codec,
  source: Pick<ByteSource, 'name' | 'read'>,
  start: number,
  end: number,
  unpacked: number,
  options: InflateOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  if (codec !== 'zstd') return inflate(source, start, end, unpacked, { ...options, wrapped: codec === 'gzip' });
  const { format, from = 0, upTo = unpacked, signal } = options;
  const { name } = source;
  for (const value of [end - start, unpacked]) {
    if (value <= LIMITS.chunkBytes) continue;
    const detail = 'a chunk is larger than what is unpacked at once';
    throw new StateglassError({
      kind: 'limit',
      file: name,
      limit: 'chunkBytes',
      value,
      max: LIMITS.chunkBytes,
      detail,
    });
  }
  const bytes = await unzstd(await source.read(start, end, signal), { name, format, at: start, most: unpacked });
  if (bytes.length !== unpacked) {
    const detail = `compressed data ends after ${bytes.length} bytes where ${unpacked} are promised`;
    throw malformed(name, format, detail, start);
  }
  return bytes.subarray(from, upTo);
}
