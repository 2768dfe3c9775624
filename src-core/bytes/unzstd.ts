/** Zstandard frames (RFC 8878), unpacked within bounds. */
import { malformed, StateglassError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { allocate } from './range.ts';

export interface UnzstdOptions {
  /** For errors. */
  readonly name: string;
  readonly format: string;
  /** Where the bytes stand in the file, for errors. */
  readonly at?: number;
  /** Most bytes that may come out. */
  readonly most: number;
}

const MAGIC = 0xfd2fb528;
/** Small pushes keep what one of them can swell to small: a block of four bytes becomes 128 KiB. */
const PUSH_BYTES = 4 * 1024;

/**
 * Everything that the frames hold.
 *
 * @throws `malformed` for what is no frame or breaks off, `limit` for more bytes than may come out and for a window that takes more memory than zstd itself allows.
 */
export async function unzstd(packed: Uint8Array, options: UnzstdOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { name, format, most, at } = options;
  const declared = checkFrame(packed, options);
  if (declared !== undefined && declared > most) throw tooLarge(options, declared);
  // Here, since it makes its tables as it is loaded: most documents never need it.
  const { Decompress } = await import('fzstd');
  let out = allocate(name, declared ?? Math.min(most, 4 * packed.length + 1024));
  let made = 0;
  const stream = new Decompress((chunk) => {
    const end = made + chunk.length;
    if (end > most) throw tooLarge(options, end);
    if (end > out.length) {
      const grown = allocate(name, Math.min(most, Math.max(end, 2 * out.length)));
      grown.set(out.subarray(0, made));
      out = grown;
    }
    out.set(chunk, made);
    made = end;
  });
  try {
    for (let from = 0; from < packed.length; from += PUSH_BYTES) {
      const to = Math.min(packed.length, from + PUSH_BYTES);
      stream.push(packed.subarray(from, to), to === packed.length);
    }
  } catch (cause) {
    if (cause instanceof StateglassError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw malformed(name, format, `compressed data cannot be unpacked: ${why}`, at);
  }
  return out.subarray(0, made);
}

/** The size that the first frame promises; undefined when it does not say. */
function checkFrame(packed: Uint8Array, options: UnzstdOptions): number | undefined {
  const { name, format, at } = options;
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const broken = (detail: string) => malformed(name, format, detail, at);
  if (packed.length < 6 || view.getUint32(0, true) !== MAGIC) throw broken('compressed data is no zstd frame');
  const descriptor = packed[4]!;
  const isSingle = (descriptor & 0x20) !== 0;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const sizeAt = 5 + (isSingle ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]!;
  if (packed.length < sizeAt + sizeBytes) throw broken('compressed data ends in its header');
  const size =
    sizeBytes === 0
      ? undefined
      : sizeBytes === 1
        ? packed[sizeAt]
        : sizeBytes === 2
          ? view.getUint16(sizeAt, true) + 256
          : sizeBytes === 4
            ? view.getUint32(sizeAt, true)
            : Number(view.getBigUint64(sizeAt, true));
  const exponent = 10 + (packed[5]! >> 3);
  const window = isSingle ? (size ?? 0) : 2 ** exponent * (1 + (packed[5]! & 7) / 8);
  const max = isSingle ? options.most : LIMITS.zstdWindowBytes;
  if (window > max) {
    const detail = 'compressed data asks for more memory than its values take';
    throw new StateglassError({ kind: 'limit', file: name, limit: 'zstdWindowBytes', value: window, max, detail });
  }
  return size;
}

const tooLarge = ({ name, most }: UnzstdOptions, value: number): StateglassError =>
  new StateglassError({
    kind: 'limit',
    file: name,
    limit: 'chunkBytes',
    value,
    max: most,
    detail: 'compressed data becomes more than it should',
  });
