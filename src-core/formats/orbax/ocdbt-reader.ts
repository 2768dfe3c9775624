/**
 * The envelope around every node of an OCDBT database, and the arrays of numbers in them. Specified in
 * https://github.com/google/tensorstore (`tensorstore/kvstore/ocdbt/index.rst`).
 */
import { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { crc32c } from '../../bytes/crc32c.ts';
import { Cursor, type CursorPlace } from '../../bytes/cursor.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { unzstd } from '../../bytes/unzstd.ts';

export const FORMAT = 'OCDBT';
export const MAGIC = { manifest: 0x0cdb3a2a, node: 0x0cdb20de } as const;
/** Magic number and length. */
const HEAD_BYTES = 12;
const SUM_BYTES = 4;
const HEAD_AND_SUM = HEAD_BYTES + SUM_BYTES;

/**
 * The body of a node in bytes [start, end) of a file, unpacked.
 *
 * @throws `malformed` for another magic number, length or check sum; `limit` for one that becomes too large.
 */
export async function readBody(
  source: ByteSource,
  start: number,
  end: number,
  magic: number,
  signal: AbortSignal | undefined,
): Promise<OcdbtCursor> {
  const { name } = source;
  const place = { file: name, format: FORMAT, base: start };
  const length = end - start;
  if (length > LIMITS.ocdbtNodeBytes) throw tooLarge(name, length);
  if (end > source.size || length < HEAD_AND_SUM) {
    const detail = `a node should be at bytes ${start} to ${end}, and the file has ${source.size}`;
    throw new StateglassError({ kind: 'malformed', file: name, format: FORMAT, detail, at: start });
  }
  const bytes = await source.read(start, end, signal);
  const cursor = new OcdbtCursor(bytes.subarray(0, length - SUM_BYTES), place);
  const found = cursor.u32be();
  if (found !== magic)
    throw cursor.fail(`a node begins with ${found.toString(16)} instead of ${magic.toString(16)}`, 0);
  const said = cursor.u64();
  if (said !== length) throw cursor.fail(`a node says that it has ${said} bytes and has ${length}`, 4);
  const sum = new DataView(bytes.buffer, bytes.byteOffset).getUint32(length - SUM_BYTES, true);
  if (crc32c(bytes.subarray(0, length - SUM_BYTES)) !== sum) throw cursor.fail('the check sum of a node is another', 0);
  const version = cursor.varint();
  if (version !== 0) throw unsupported(name, `nodes of version ${version} are not read`);
  const compression = cursor.varint();
  if (compression === 0) return cursor;
  if (compression !== 1) throw unsupported(name, `there is no compression ${compression}`);
  const packed = cursor.take(cursor.left);
  const options = { name, format: FORMAT, at: start, most: LIMITS.ocdbtNodeBytes };
  return new OcdbtCursor(await unzstd(packed, options), { ...place });
}

const unsupported = (file: string, detail: string): StateglassError =>
  new StateglassError({ kind: 'unsupported', file, format: FORMAT, detail });

const tooLarge = (file: string, value: number): StateglassError =>
  new StateglassError({
    kind: 'limit',
    file,
    limit: 'ocdbtNodeBytes',
    value,
    max: LIMITS.ocdbtNodeBytes,
    detail: 'a node is larger than any that is written',
  });

export class OcdbtCursor extends Cursor {
  private readonly file: string;

  constructor(bytes: Uint8Array<ArrayBuffer>, place: CursorPlace) {
    super(bytes, place);
    this.file = place.file;
  }

  /** A number of seven bits a byte, the lowest first. */
  varint(): number {
    let value = 0;
    for (let power = 1; ; power *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * power;
      if (value > Number.MAX_SAFE_INTEGER) throw this.fail('a number is past what can be counted exactly');
      if (byte < 0x80) return value;
      // Ten bytes hold 64 bits.
      if (power > 2 ** 63) throw this.fail('a number has no end');
    }
  }

  varints(count: number): number[] {
    return this.many(count, () => this.varint());
  }

  /** Each value takes a byte at least, so that a count can be checked before anything is made. */
  many<T>(count: number, read: () => T): T[] {
    if (count > this.left) throw this.fail(`${count} values in ${this.left} bytes`);
    const values: T[] = [];
    for (let i = 0; i < count; i++) values.push(read());
    return values;
  }

  /** A count that is kept within a cap. */
  count(limit: 'ocdbtKeys'): number {
    const count = this.varint();
    if (count <= LIMITS[limit]) return count;
    const detail = 'a node holds too many keys';
    throw new StateglassError({ kind: 'limit', file: this.file, limit, value: count, max: LIMITS[limit], detail });
  }
}
