import type { ByteSource } from './source.ts';

const WIDEN_BYTES = 4096;
const KEEP_BYTES = 128 * 1024;
const KEEP_READS = 4;

/**
 * The same source, remembering its last few small reads and reading a little more than is asked. Directories and headers
 * are asked for in crumbs that lie side by side, and over a network each read is a round trip.
 */
export function keepRecent(source: ByteSource): ByteSource {
  const kept: { start: number; bytes: Uint8Array<ArrayBuffer> }[] = [];
  return {
    name: source.name,
    size: source.size,
    handle: source.handle,
    async read(start, end, signal) {
      const hit = kept.find((k) => start >= k.start && end <= k.start + k.bytes.length);
      if (hit && start <= end) return hit.bytes.slice(start - hit.start, end - hit.start);
      const stop = end - start < WIDEN_BYTES ? Math.max(end, Math.min(source.size, start + WIDEN_BYTES)) : end;
      const bytes = await source.read(start, stop, signal);
      if (bytes.length > KEEP_BYTES) return bytes;
      kept.unshift({ start, bytes });
      kept.length = Math.min(kept.length, KEEP_READS);
      return bytes.slice(0, end - start);
    },
  };
}
