import { checkRange } from './range.ts';
import type { ByteSource } from './source.ts';

/**
 * Bytes [offset, offset + length) of another source, as a source: a stored zip member, a slice of a container.
 *
 * @throws `source` when the window does not lie inside the other source.
 */
export function windowSource(of: ByteSource, offset: number, length: number, name: string = of.name): ByteSource {
  checkRange(of.name, of.size, offset, offset + length);
  const { reader, stream } = of;
  return {
    name,
    size: length,
    handle: { kind: 'window', of: of.handle, offset, length, name },
    async read(start, end, signal) {
      checkRange(name, length, start, end);
      return of.read(offset + start, offset + end, signal);
    },
    ...(reader && {
      reader(start: number, end: number, signal?: AbortSignal) {
        checkRange(name, length, start, end);
        return reader.call(of, offset + start, offset + end, signal);
      },
    }),
    ...(stream && {
      stream(start: number, end: number, signal?: AbortSignal) {
        checkRange(name, length, start, end);
        return stream.call(of, offset + start, offset + end, signal);
      },
    }),
  };
}
