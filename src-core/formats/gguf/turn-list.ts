import type { ByteSource } from '../../bytes/source.ts';
import { NUMBER_BYTES } from '../../model/meta-list.ts';
import type { MetaList } from '../../model/state-dict.ts';

/** The items of a long list as version 3 has them, little-endian, whatever they were written as. */
export async function turnList(
  list: MetaList,
  source: ByteSource,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const { offset, length } = list.bytes;
  const bytes = await source.read(offset, offset + length, signal);
  if (list.of === 'text') return turnTexts(bytes, list);
  const width = NUMBER_BYTES[list.of];
  if (list.endian === 'big' && width > 1)
    for (let at = 0; at < length; at += width) bytes.subarray(at, at + width).reverse();
  return bytes;
}

function turnTexts(
  bytes: Uint8Array<ArrayBuffer>,
  { count, endian, lengthBytes = 8 }: MetaList,
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytes.length + count * (8 - lengthBytes));
  const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const to = new DataView(out.buffer);
  const lowAt = lengthBytes === 8 && endian === 'big' ? 4 : 0;
  for (let i = 0, at = 0, next = 0; i < count; i++) {
    const length = from.getUint32(at + lowAt, endian === 'little');
    to.setUint32(next, length, true);
    at += lengthBytes;
    next += 8;
    out.set(bytes.subarray(at, at + length), next);
    at += length;
    next += length;
  }
  return out;
}
