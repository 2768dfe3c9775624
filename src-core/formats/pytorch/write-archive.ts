/**
 * A zip archive as torch's `PyTorchStreamWriter` lays it out: stored members under one root folder, each one's data at a multiple of
 * the alignment so that it can be mapped into memory (filler in an extra field `FB`), sizes and check sum behind the
 * data, zip64 records at the end. See `caffe2/serialize/inline_container.cc` and `miniz.c`.
 */
import { ByteWriter } from '../../bytes/byte-writer.ts';
import { crc32 } from '../../bytes/crc32.ts';
import type { FileId } from '../../bytes/source.ts';
import type { TensorValue } from '../../model/state-dict.ts';
import type { Part } from '../format.ts';

/** What a member is made of. Nothing of it is read to plan the archive. */
export type Content =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'elements'; readonly value: TensorValue; readonly length: number }
  | {
      readonly kind: 'copy';
      readonly file: FileId;
      readonly offset: number;
      readonly length: number;
      readonly crc: number;
    };

export interface TorchMember {
  /** With the root folder. */
  readonly name: string;
  readonly content: Content;
}

export interface TorchArchive {
  /** The folder of the data, with the slash. */
  readonly root: string;
  readonly alignment: number;
  readonly members: readonly TorchMember[];
}

const FULL_16 = 0xffff;
const FULL_32 = 0xffffffff;
/** Sizes follow the data; names are UTF-8. Of an empty member nothing follows. */
const FLAGS = 0x0808;
const EMPTY_FLAGS = 0x0800;
const FILLER = 0x5a;
const ID_DIGITS = 40;
export const SERIALIZATION_ID = '.data/serialization_id';
/** What torch's zip library calls itself, and the version of the format with zip64. */
const MADE_BY = 0x031e;
const ZIP64_VERSION = 45;

interface Placed {
  readonly name: Uint8Array;
  readonly content: Content | undefined;
  readonly size: number;
  /** Where its header is, and how many bytes fill up to its data. */
  readonly local: number;
  readonly filler: number;
  crc: number;
}

/** The members, and after them torch's own fingerprint of them. */
export function planArchive(archive: TorchArchive): { readonly size: number; readonly parts: () => Iterable<Part> } {
  const { end, placed } = placeMembers(archive);
  return { size: end + directoryBytes(placed), parts: () => listParts(archive) };
}

function placeMembers({ root, alignment, members }: TorchArchive): { placed: Placed[]; end: number } {
  const encoder = new TextEncoder();
  const placed: Placed[] = [];
  let at = 0;
  const place = (name: string, size: number, content?: Content) => {
    const bytes = encoder.encode(name);
    const start = at + 30 + bytes.length + extraBytes({ size, local: at }) + 4;
    const filler = (alignment - (start % alignment)) % alignment;
    const member: Placed = { name: bytes, content, size, local: at, filler, crc: 0 };
    placed.push(member);
    at = start + filler + size + descriptorBytes(member);
  };
  for (const { name, content } of members) {
    place(name, content.kind === 'bytes' ? content.bytes.length : content.length, content);
  }
  place(root + SERIALIZATION_ID, ID_DIGITS);
  return { placed, end: at };
}

function* listParts(archive: TorchArchive): Generator<Part> {
  const { placed, end } = placeMembers(archive);
  for (const member of placed) {
    yield { kind: 'bytes', bytes: encodeLocal(member) };
    if (member.content) yield readContent(member, member.content);
    else yield { kind: 'late', length: ID_DIGITS, make: () => makeId(placed) };
    if (member.size === 0) continue;
    // Elements have a check sum when they were read.
    if (member.content?.kind !== 'elements' && member.content) yield { kind: 'bytes', bytes: encodeDescriptor(member) };
    else yield { kind: 'late', length: descriptorBytes(member), make: () => encodeDescriptor(member) };
  }
  yield { kind: 'late', length: directoryBytes(placed), make: () => encodeDirectory(placed, end) };
}

function readContent(member: Placed, content: Content): Part {
  switch (content.kind) {
    case 'bytes':
      member.crc = crc32(content.bytes);
      return content;
    case 'elements': {
      const see = (bytes: Uint8Array) => {
        member.crc = crc32(bytes, member.crc);
      };
      return { ...content, see };
    }
    case 'copy': {
      const { crc, ...part } = content;
      member.crc = crc;
      return part;
    }
  }
}

/**
 * Torch's id of a file: a hash of the members' names and one of their check sums, 20 digits each; it is logged and nothing else.
 * The first depends on the order of a hash table of the C++ library that torch was built with, and is left 0.
 */
function makeId(placed: readonly Placed[]): Uint8Array<ArrayBuffer> {
  let hash = 0n;
  for (const { crc, size } of placed.slice(0, -1)) {
    if (size === 0) continue;
    hash = BigInt.asUintN(64, hash ^ (BigInt(crc) + 0x9e3779b9n + (hash << 6n) + (hash >> 2n)));
  }
  const bytes = new TextEncoder().encode(String(hash).padStart(ID_DIGITS, '0'));
  (placed.at(-1) as Placed).crc = crc32(bytes);
  return bytes;
}

type Sized = Pick<Placed, 'size' | 'local'>;

/** Numbers that do not fit their field, in the order of the fields. */
const wideNumbers = ({ size, local }: Sized): number[] => [
  ...(size >= FULL_32 ? [size, size] : []),
  ...(local >= FULL_32 ? [local] : []),
];

function extraBytes(member: Sized): number {
  const wide = wideNumbers(member).length;
  return wide > 0 ? 4 + 8 * wide : 0;
}

const descriptorBytes = (member: Sized): number => (member.size === 0 ? 0 : extraBytes(member) > 0 ? 24 : 16);

function writeExtra(out: ByteWriter, numbers: readonly number[]): void {
  if (numbers.length === 0) return;
  out.u16(1);
  out.u16(8 * numbers.length);
  for (const number of numbers) out.u64(number);
}

/** Neither the sizes nor the check sum stand here. */
function encodeLocal(member: Placed): Uint8Array<ArrayBuffer> {
  const { name, size, filler } = member;
  const out = new ByteWriter(30 + name.length + extraBytes(member) + 4 + filler);
  out.u32(0x04034b50);
  out.u16(0);
  out.u16(size > 0 ? FLAGS : EMPTY_FLAGS);
  out.fill(0, 18);
  out.u16(name.length);
  out.u16(extraBytes(member) + 4 + filler);
  out.bytes(name);
  // What miniz knows of the packed size when it writes this.
  writeExtra(out, size >= FULL_32 ? wideNumbers(member).with(1, 0) : wideNumbers(member));
  out.u16(0x4246);
  out.u16(filler);
  out.fill(FILLER, filler);
  return out.done;
}

function encodeDescriptor(member: Placed): Uint8Array<ArrayBuffer> {
  const { size, crc } = member;
  const out = new ByteWriter(24);
  out.u32(0x08074b50);
  out.u32(crc);
  if (extraBytes(member) > 0) {
    out.u64(size);
    out.u64(size);
  } else {
    out.u32(size);
    out.u32(size);
  }
  return out.done;
}

const directoryBytes = (placed: readonly Placed[]): number =>
  placed.reduce((sum, member) => sum + 46 + member.name.length + extraBytes(member), 0) + 56 + 20 + 22;

function encodeDirectory(placed: readonly Placed[], start: number): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(directoryBytes(placed));
  for (const member of placed) writeCentral(out, member);
  const length = out.at;
  const count = placed.length;
  out.u32(0x06064b50);
  out.u64(44);
  out.u16(MADE_BY);
  out.u16(ZIP64_VERSION);
  out.fill(0, 8);
  for (const value of [count, count, length, start]) out.u64(value);
  out.u32(0x07064b50);
  out.u32(0);
  out.u64(start + length);
  out.u32(1);
  out.u32(0x06054b50);
  out.u32(0);
  out.u16(Math.min(count, FULL_16));
  out.u16(Math.min(count, FULL_16));
  out.u32(Math.min(length, FULL_32));
  out.u32(Math.min(start, FULL_32));
  out.u16(0);
  return out.done;
}

function writeCentral(out: ByteWriter, member: Placed): void {
  const { name, size, crc, local } = member;
  out.u32(0x02014b50);
  out.fill(0, 4);
  out.u16(size > 0 ? FLAGS : EMPTY_FLAGS);
  out.fill(0, 6);
  out.u32(crc);
  out.u32(Math.min(size, FULL_32));
  out.u32(Math.min(size, FULL_32));
  out.u16(name.length);
  out.u16(extraBytes(member));
  out.fill(0, 10);
  out.u32(Math.min(local, FULL_32));
  out.bytes(name);
  writeExtra(out, wideNumbers(member));
}
