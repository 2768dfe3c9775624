import { malformed, StateglassError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { Cursor } from './cursor.ts';
import type { ByteSource } from './source.ts';

export const FORMAT = 'zip';
const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const END64_BYTES = 56;
/** The end record and the longest comment that may follow it. */
const TAIL_BYTES = END_BYTES + 0xffff;
const FULL_16 = 0xffff;
export const FULL_32 = 0xffffffff;

/** Where the directory of a zip archive is. */
export interface End {
  /** Of the directory, in the source. */
  readonly start: number;
  readonly length: number;
  readonly count: number;
  /** Bytes before the archive: every offset in it is this much too small. */
  readonly shift: number;
}

/**
 * Reads the end record, and the zip64 one where there is one.
 *
 * @throws `malformed` when there is none or it is broken, `unsupported` for split archives, `limit` for the directory's size.
 */
export async function readEnd(source: ByteSource, signal?: AbortSignal): Promise<End> {
  const tailStart = Math.max(0, source.size - TAIL_BYTES);
  const tail = await source.read(tailStart, source.size, signal);
  const at = findEnd(tail);
  if (at < 0)
    throw malformed(source.name, FORMAT, 'there is no directory at its end: the file is cut off, or is no zip');
  const cursor = new Cursor(tail.subarray(at), { file: source.name, format: FORMAT, base: tailStart + at });
  cursor.skip(4);
  const disks = [cursor.u16(), cursor.u16()];
  const counts = [cursor.u16(), cursor.u16()];
  let length = cursor.u32();
  let start = cursor.u32();
  let count = counts[1]!;
  let endAt = tailStart + at;
  const full = [...disks, ...counts].includes(FULL_16) || length === FULL_32 || start === FULL_32;
  // torch writes the zip64 record always, also where every number fits without it.
  const end64 = await readEnd64(source, endAt, full, signal);
  if (end64) ({ start, length, count, at: endAt } = end64);
  else if (disks[0] !== disks[1] || disks[0] !== 0 || counts[0] !== counts[1]) {
    throw unsupported(source.name, 'a split archive: join its parts first');
  }
  if (count > LIMITS.zipEntries) throw overLimit(source.name, 'zipEntries', count, 'members in the directory');
  if (length > LIMITS.zipDirectoryBytes)
    throw overLimit(source.name, 'zipDirectoryBytes', length, 'bytes of directory');
  const shift = endAt - (start + length);
  if (shift < 0)
    throw malformed(source.name, FORMAT, `the directory is said to be at byte ${start}, past its place`, endAt);
  return { start: start + shift, length, count, shift };
}

/** The last end record whose comment ends with the file. */
function findEnd(tail: Uint8Array<ArrayBuffer>): number {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail[at] !== 0x50 || view.getUint32(at, true) !== END) continue;
    if (at + END_BYTES + view.getUint16(at + 20, true) === tail.length) return at;
  }
  return -1;
}

async function readEnd64(source: ByteSource, endAt: number, isNeeded: boolean, signal?: AbortSignal) {
  if (endAt < LOCATOR_BYTES) return undefined;
  const locator = await source.read(endAt - LOCATOR_BYTES, endAt, signal);
  const place = { file: source.name, format: FORMAT, base: endAt - LOCATOR_BYTES };
  const locate = new Cursor(locator, place);
  if (locate.u32() !== LOCATOR64) return undefined;
  locate.skip(4);
  const declared = locate.u64();
  // With data before the archive the declared place is too small; the record normally stands right before its locator.
  for (const at of [declared, endAt - LOCATOR_BYTES - END64_BYTES]) {
    if (at < 0 || at + END64_BYTES > endAt - LOCATOR_BYTES) continue;
    const bytes = await source.read(at, at + END64_BYTES, signal);
    const cursor = new Cursor(bytes, { file: source.name, format: FORMAT, base: at });
    if (cursor.u32() !== END64) continue;
    cursor.skip(12);
    const disks = [cursor.u32(), cursor.u32()];
    const counts = [cursor.u64(), cursor.u64()];
    if (disks[0] !== disks[1] || counts[0] !== counts[1])
      throw unsupported(source.name, 'a split archive: join its parts first');
    return { count: counts[1]!, length: cursor.u64(), start: cursor.u64(), at };
  }
  if (!isNeeded) return undefined;
  throw malformed(source.name, FORMAT, 'the zip64 end record is missing', endAt - LOCATOR_BYTES);
}

export const unsupported = (file: string, detail: string): StateglassError =>
  new StateglassError({ kind: 'unsupported', file, format: FORMAT, detail });
const overLimit = (
  file: string,
  limit: 'zipEntries' | 'zipDirectoryBytes',
  value: number,
  what: string,
): StateglassError =>
  new StateglassError({ kind: 'limit', file, limit, value, max: LIMITS[limit], detail: `${value} ${what}` });
