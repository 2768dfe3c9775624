import type { ByteSource } from './source.ts';

export interface CountedSource extends ByteSource {
  /** Bytes asked of the source so far. */
  readonly bytesRead: number;
}

/** The same source, with what is read of it added up: "only the needed bytes" is a promise that is shown and tested. */
export function countReads(source: ByteSource): CountedSource {
  let bytesRead = 0;
  const counted: CountedSource = {
    name: source.name,
    size: source.size,
    handle: source.handle,
    get bytesRead() {
      return bytesRead;
    },
    async read(start, end, signal) {
      const bytes = await source.read(start, end, signal);
      bytesRead += bytes.byteLength;
      return bytes;
    },
  };
  if (source.stream === undefined) return counted;
  const stream = source.stream.bind(source);
  return Object.assign(counted, {
    stream: (start: number, end: number, signal?: AbortSignal) => {
      bytesRead += end - start;
      return stream(start, end, signal);
    },
  });
}
