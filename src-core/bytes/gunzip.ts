import { malformed, StateglassError, throwIfAborted } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { allocate, streamReads } from './range.ts';
import type { ByteSource } from './source.ts';

/** Bytes read at a time. */
const READ_BYTES = 256 * 1024;

export const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b && head[2] === 8;

/**
 * All of a gzip file, in memory.
 *
 * @throws `malformed` when it breaks off, `limit` past `unpackedBytes` or out of proportion to what is packed.
 */
export async function gunzip(source: ByteSource, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const { name, size } = source;
  const max = Math.min(LIMITS.unpackedBytes, Math.max(LIMITS.inflateFloorBytes, size * LIMITS.inflateRatio));
  const unpacked = streamReads(source, 0, size, READ_BYTES, signal).pipeThrough(new DecompressionStream('gzip'));
  const reader = unpacked.getReader();
  const chunks: Uint8Array[] = [];
  let made = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throwIfAborted(signal);
      if (cause instanceof StateglassError) throw cause;
      throw malformed(name, 'gzip', `it cannot be unpacked: ${cause instanceof Error ? cause.message : cause}`);
    });
    if (done) break;
    made += value.length;
    chunks.push(value);
    if (made <= max) continue;
    await reader.cancel();
    const detail = `${size} compressed bytes become more than are held in memory`;
    throw new StateglassError({ kind: 'limit', file: name, limit: 'unpackedBytes', value: made, max, detail });
  }
  const out = allocate(name, made);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}
