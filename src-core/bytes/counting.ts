import type { ByteSource } from './source.ts';

export interface CountingSource extends ByteSource {
  /** Bytes asked of the source behind, as far as they came. */
  readonly bytesRead: number;
}

/** Counts what is read through it. A source that counts already, behind its cache, knows better. */
export function countingSource(of: ByteSource): CountingSource {
  if ('bytesRead' in of) return of as CountingSource;
  let bytesRead = 0;
  const { stream } = of;
  return {
    name: of.name,
    size: of.size,
    handle: of.handle,
    get bytesRead() {
      return bytesRead;
    },
    async read(start, end, signal) {
      const bytes = await of.read(start, end, signal);
      bytesRead += bytes.length;
      return bytes;
    },
    ...(stream && {
      stream(start: number, end: number, signal?: AbortSignal) {
        const count = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
          transform(chunk, controller) {
            bytesRead += chunk.length;
            controller.enqueue(chunk);
          },
        });
        return stream.call(of, start, end, signal).pipeThrough(count);
      },
    }),
  };
}
