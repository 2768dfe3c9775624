/**
 * The records of a zip archive, zip64 where a number needs it. Times are those of the format's first
 * day, so that the same content is the same file. Specified in PKWARE's APPNOTE.TXT.
 */
import { ByteWriter } from './byte-writer.ts';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const FULL_16 = 0xffff;
const FULL_32 = 0xffffffff;
/** 1 January 1980. */
const DATE = (1 << 5) | 1;

export interface NewMember {
  /** UTF-8. */
  readonly name: Uint8Array;
  /** Bytes. */
  readonly size: number;
  /** Bytes in the archive and how they are packed, where they are; a member is stored otherwise. */
  readonly deflated?: number;
  readonly crc: number;
  /** Where its local header is. */
  readonly local: number;
}

const isWide = (value: number): boolean => value >= FULL_32;
type Sized = Pick<NewMember, 'size' | 'deflated'>;
const packedOf = ({ size, deflated }: Sized): number => deflated ?? size;
const hasWideSize = (member: Sized): boolean => isWide(member.size) || isWide(packedOf(member));

/** Length of `encodeLocal`. */
export const localBytes = (member: Sized & Pick<NewMember, 'name'>): number =>
  30 + member.name.length + (hasWideSize(member) ? 20 : 0);

/** What stands before a member's bytes. */
export function encodeLocal(member: NewMember): Uint8Array<ArrayBuffer> {
  const { name, size } = member;
  const wide = hasWideSize(member);
  const out = new ByteWriter(localBytes(member));
  out.u32(LOCAL);
  writeCommon(out, member, wide, wide);
  out.u16(wide ? 20 : 0);
  out.bytes(name);
  if (wide) writeWide(out, [size, packedOf(member)]);
  return out.done;
}

/** Length of `encodeDirectory`. */
export function directoryBytes(members: readonly Omit<NewMember, 'crc'>[], start: number): number {
  const length = members.reduce((sum, member) => sum + centralBytes(member), 0);
  return length + (needs64(members.length, length, start) ? 56 + 20 : 0) + 22;
}

/** The list of members, which begins at `start`, and the records that end the archive. */
export function encodeDirectory(members: readonly NewMember[], start: number): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(directoryBytes(members, start));
  for (const member of members) writeCentral(out, member);
  const length = out.at;
  const count = members.length;
  if (needs64(count, length, start)) {
    out.u32(END_64);
    out.u64(44);
    out.u16(45);
    out.u16(45);
    out.u32(0);
    out.u32(0);
    for (const value of [count, count, length, start]) out.u64(value);
    out.u32(LOCATOR_64);
    out.u32(0);
    out.u64(start + length);
    out.u32(1);
  }
  out.u32(END);
  out.u32(0);
  out.u16(Math.min(count, FULL_16));
  out.u16(Math.min(count, FULL_16));
  out.u32(Math.min(length, FULL_32));
  out.u32(Math.min(start, FULL_32));
  out.u16(0);
  return out.done;
}

const needs64 = (count: number, length: number, start: number): boolean =>
  count >= FULL_16 || isWide(length) || isWide(start);

/** Numbers that do not fit their field, in the order of the fields. */
const wideNumbers = (member: Omit<NewMember, 'crc'>): number[] => [
  ...(hasWideSize(member) ? [member.size, packedOf(member)] : []),
  ...(isWide(member.local) ? [member.local] : []),
];

function centralBytes(member: Omit<NewMember, 'crc'>): number {
  const wide = wideNumbers(member).length;
  return 46 + member.name.length + (wide > 0 ? 4 + 8 * wide : 0);
}

function writeCentral(out: ByteWriter, member: NewMember): void {
  const wide = wideNumbers(member);
  out.u32(CENTRAL);
  out.u16(wide.length > 0 ? 45 : 20);
  writeCommon(out, member, wide.length > 0, hasWideSize(member));
  out.u16(wide.length > 0 ? 4 + 8 * wide.length : 0);
  // Comment length, disk, attributes: none.
  out.u16(0);
  out.u16(0);
  out.u16(0);
  out.u32(0);
  out.u32(Math.min(member.local, FULL_32));
  out.bytes(member.name);
  if (wide.length > 0) writeWide(out, wide);
}

/** The fields that both headers have, from the version to the length of the name. */
function writeCommon(out: ByteWriter, member: NewMember, needs45: boolean, wideSize: boolean): void {
  const { name, size, crc, deflated } = member;
  out.u16(needs45 ? 45 : 20);
  // The name is UTF-8; readers take a name without this bit for one of the machine's own alphabet.
  out.u16(name.some((byte) => byte >= 0x80) ? 0x800 : 0);
  out.u16(deflated === undefined ? 0 : 8);
  out.u16(0);
  out.u16(DATE);
  out.u32(crc);
  out.u32(wideSize ? FULL_32 : packedOf(member));
  out.u32(wideSize ? FULL_32 : size);
  out.u16(name.length);
}

/** The extra field of numbers that need 64 bits. */
function writeWide(out: ByteWriter, values: readonly number[]): void {
  out.u16(1);
  out.u16(8 * values.length);
  for (const value of values) out.u64(value);
}
