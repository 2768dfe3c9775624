import { throwIfAborted } from '../base/errors.ts';
import { checkRange, streamReads } from './range.ts';
import type { ByteSource } from './source.ts';

const CHUNK = 4 * 2 ** 20;

/** Bytes already in memory, which must not be changed later. Reads are copies: a caller may change or transfer what it gets. */
export function bufferSource(bytes: Uint8Array<ArrayBuffer>, name: string): ByteSource {
  const size = bytes.length;
  const read: ByteSource['read'] = async (start, end, signal) => {
    throwIfAborted(signal);
    checkRange(name, size, start, end);
    return bytes.slice(start, end);
  };
  return {
    name,
    size,
    handle: { kind: 'buffer', bytes, name },
    read,
    stream(start, end, signal) {
      checkRange(name, size, start, end);
      return streamReads({ read }, start, end, CHUNK, signal);
    },
  };
}
