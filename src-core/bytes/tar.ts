/**
 * The files in a tar archive and where their bytes are: one header is read for each. POSIX ustar with its prefix, pax records for paths
 * and sizes, GNU's long names. Links, devices and folders are passed over; sparse files are left out.
 * Specified in POSIX (`pax`) and in GNU tar's manual ("Basic Tar Format").
 */
import { malformed, StateglassError, throwIfAborted } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { keepRecent } from './recent.ts';
import type { ByteSource } from './source.ts';

export interface TarFile {
  /** `/`-separated. */
  readonly name: string;
  readonly offset: number;
  /** Bytes; those that the archive really has. */
  readonly length: number;
}

const BLOCK = 512;
const FORMAT = 'tar';
/** Names and attributes of one file. */
const RECORD_BYTES = 64 * 1024;
const FILE_TYPES = new Set(['0', '\0', '7']);
const decoder = new TextDecoder();

/** Whether it begins as a tar archive does: a name, and a check sum that is right. `head` has 512 bytes or more. */
export function isTar(head: Uint8Array): boolean {
  if (head.length < BLOCK || head[0] === 0) return false;
  return readText(head, 257, 5) === 'ustar' && checkSum(head) === readNumber(head, 148, 8);
}

/**
 * @throws `malformed` for a header that is none, `limit` for more files than are opened together.
 */
export async function listTar(source: ByteSource, signal?: AbortSignal): Promise<readonly TarFile[]> {
  const bytes = keepRecent(source);
  const files: TarFile[] = [];
  let next: { path?: string; size?: number } = {};
  for (let at = 0; at + BLOCK <= source.size; ) {
    throwIfAborted(signal);
    const header = await bytes.read(at, at + BLOCK, signal);
    if (header.every((byte) => byte === 0)) break;
    const stated = readNumber(header, 124, 12);
    if (stated === undefined || checkSum(header) !== readNumber(header, 148, 8))
      throw malformed(source.name, FORMAT, 'a header is damaged', at);
    const type = String.fromCharCode(header[156] as number);
    const offset = at + BLOCK;
    const isRecord = type === 'x' || type === 'g' || type === 'L' || type === 'K';
    const size = isRecord ? stated : (next.size ?? stated);
    const length = Math.min(size, source.size - offset);
    at = offset + Math.ceil(size / BLOCK) * BLOCK;
    if (!Number.isSafeInteger(at)) throw malformed(source.name, FORMAT, 'a file is said to be larger than any', offset);
    if (isRecord) {
      if (length > RECORD_BYTES || length < size)
        throw malformed(source.name, FORMAT, `a record of ${size} bytes`, offset);
      const record = await bytes.read(offset, offset + length, signal);
      if (type === 'L') next = { ...next, path: readText(record, 0, record.length) };
      if (type === 'x') next = { ...next, ...readPax(record) };
      continue;
    }
    const name = next.path ?? nameOf(header);
    next = {};
    if (!FILE_TYPES.has(type) || name.endsWith('/')) continue;
    const max = LIMITS.archiveFiles;
    if (files.length === max)
      throw new StateglassError({
        kind: 'limit',
        file: source.name,
        limit: 'archiveFiles',
        value: max + 1,
        max,
        detail: 'more files in the archive than are opened together',
      });
    files.push({ name: name.replace(/^(?:\.\/)+/, ''), offset, length });
  }
  return files;
}

function nameOf(header: Uint8Array): string {
  const name = readText(header, 0, 100);
  // GNU's own magic has no prefix there.
  const isPosix = readText(header, 257, 6) === 'ustar';
  const prefix = isPosix && header[263] === 0x30 ? readText(header, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** `LENGTH KEY=VALUE\n`, the length of all of it. */
function readPax(record: Uint8Array): { path?: string; size?: number } {
  const found: { path?: string; size?: number } = {};
  for (let at = 0; at < record.length; ) {
    const [, digits = '', key = ''] =
      /^(\d{1,8}) ([^=]{1,100})=/.exec(decoder.decode(record.subarray(at, at + 120))) ?? [];
    const length = Number(digits);
    const start = at + digits.length + 1 + key.length + 1;
    if (length === 0 || at + length > record.length || start > at + length) break;
    const value = decoder.decode(record.subarray(start, at + length - 1));
    if (key === 'path') found.path = value;
    if (key === 'size' && /^\d{1,16}$/.test(value)) found.size = Number(value);
    at += length;
  }
  return found;
}

function readText(bytes: Uint8Array, start: number, length: number): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return decoder.decode(end < 0 ? field : field.subarray(0, end));
}

/** Octal digits; what does not fit in them is a number in bytes behind a set bit. */
function readNumber(header: Uint8Array, start: number, length: number): number | undefined {
  if (((header[start] ?? 0) & 0x80) !== 0) {
    let value = (header[start] as number) & 0x7f;
    for (let i = 1; i < length; i++) value = value * 256 + (header[start + i] as number);
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const digits = readText(header, start, length).trim();
  return /^[0-7]{1,12}$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}

/** Of all bytes of a header, its own field as blanks. */
function checkSum(header: Uint8Array): number {
  let sum = 8 * 0x20;
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += header[i] as number;
  return sum;
}
