import { malformed, StateglassError, throwIfAborted } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { ByteSource } from '../../bytes/source.ts';

export interface TarMember {
  readonly offset: number;
  /** Bytes; those that the file really has. */
  readonly length: number;
}

const BLOCK = 512;
const NAME_BYTES = 100;
const SIZE_AT = 124;
const SIZE_BYTES = 12;

/**
 * The first member of each name of a tar archive (POSIX ustar): one header is read for each.
 *
 * @throws `malformed` for sizes that are no numbers, `limit` for archives of more members than a checkpoint can have.
 */
export async function listTarMembers(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, TarMember>> {
  const members = new Map<string, TarMember>();
  const file = source.name;
  let count = 0;
  for (let at = 0; at + BLOCK <= source.size; ) {
    throwIfAborted(signal);
    const header = await source.read(at, at + BLOCK, signal);
    const name = readText(header, 0, NAME_BYTES);
    if (name === '') break;
    if (++count > LIMITS.tarMembers)
      throw new StateglassError({
        kind: 'limit',
        file,
        limit: 'tarMembers',
        value: count,
        max: LIMITS.tarMembers,
        detail: 'the tar archive has more members than a checkpoint of torch',
      });
    const size = readSize(header);
    if (size === undefined) throw malformed(file, 'tar', `the size of ${name} is no number`, at + SIZE_AT);
    const offset = at + BLOCK;
    const short = name.replace(/^\.\//, '');
    if (!members.has(short)) members.set(short, { offset, length: Math.min(size, source.size - offset) });
    at = offset + Math.ceil(size / BLOCK) * BLOCK;
  }
  return members;
}

function readText(header: Uint8Array, start: number, length: number): string {
  const bytes = header.subarray(start, start + length);
  const end = bytes.indexOf(0);
  return String.fromCharCode(...(end < 0 ? bytes : bytes.subarray(0, end)));
}

/** Octal digits; past 8 GiB a number in bytes behind a set bit. */
function readSize(header: Uint8Array): number | undefined {
  if ((header[SIZE_AT]! & 0x80) !== 0) {
    let size = header[SIZE_AT]! & 0x7f;
    for (let i = 1; i < SIZE_BYTES; i++) size = size * 256 + header[SIZE_AT + i]!;
    return Number.isSafeInteger(size) ? size : undefined;
  }
  const digits = readText(header, SIZE_AT, SIZE_BYTES).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}
