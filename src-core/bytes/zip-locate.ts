/**
 * Where the data of zip members begins. Only the local header says (its extra field need not equal the directory's), but one
 * read per member would cost a large checkpoint thousands of reads. Members without gaps between them leave one possible
 * length for that field, so the place follows from the directory; a few local headers are read to confirm it, and all of them
 * where it does not follow or is not confirmed.
 */
import { malformed, throwIfAborted } from '../base/errors.ts';
import { Cursor } from './cursor.ts';
import type { ByteSource } from './source.ts';
import type { ZipMember } from './zip.ts';

/** Signature to extra length: the fixed part of a local header. */
export const LOCAL_HEADER_BYTES = 30;
const LOCAL = 0x04034b50;
const SAMPLES = 4;
/** Headers nearer than this are fetched in one read. */
const BATCH_BYTES = 64 * 1024;
const PARALLEL = 8;
/** Length of an extra field that holds both sizes for zip64, as Python writes ahead of streamed members. */
const ZIP64_LOCAL_EXTRA = 20;
/** Sizes after the data: signature, CRC and two sizes of 4 or of 8 bytes. */
const DESCRIPTORS = [16, 24];
const FULL_32 = 0xffffffff;

export interface LocateOptions {
  /** What the writer aligns data to, in bytes, where it says so; torch's default otherwise. */
  readonly alignment?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Offset of each member's first data byte. */
export async function locateMembers(
  source: ByteSource,
  members: readonly ZipMember[],
  { alignment = 64, signal }: LocateOptions = {},
): Promise<number[]> {
  const starts = members.map((member) => deriveStart(member, alignment));
  const derived = members.filter((_, i) => starts[i] !== undefined);
  const samples = derived.length <= SAMPLES ? derived : spread(derived, SAMPLES);
  const open = members.filter((_, i) => starts[i] === undefined);
  let read = await readLocalHeaders(source, [...new Set([...open, ...samples])], signal);
  const isConfirmed = members.every(
    (member, i) => starts[i] === undefined || (read.get(member) ?? starts[i]) === starts[i],
  );
  if (!isConfirmed) read = await readLocalHeaders(source, members, signal);
  return members.map((member, i) => read.get(member) ?? starts[i]!);
}

function spread<T>(items: readonly T[], count: number): T[] {
  return Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))]!);
}

/** The only place the data can be, if nothing but header, data and size record stands before the next member. */
function deriveStart(member: ZipMember, alignment: number): number | undefined {
  const headerEnd = member.local + LOCAL_HEADER_BYTES + member.nameBytes;
  const spare = member.limit - headerEnd - member.packed;
  if (spare === 0) return headerEnd;
  if (!member.streamed) {
    return spare === ZIP64_LOCAL_EXTRA || spare === member.extra ? headerEnd + spare : undefined;
  }
  // torch pads with the extra field so that data is aligned, and writes no size record behind empty members.
  for (const descriptor of member.packed === 0 ? [0, ...DESCRIPTORS] : DESCRIPTORS) {
    const start = member.limit - descriptor - member.packed;
    if (start === alignTorch(member, headerEnd, alignment)) return start;
  }
  return undefined;
}

/** `getPadding` of torch's `caffe2/serialize/inline_container.cc`: four bytes of extra header, then filler up to the alignment. */
function alignTorch(member: ZipMember, headerEnd: number, alignment: number): number {
  let start = headerEnd + 4;
  if (member.packed >= FULL_32 || member.local >= FULL_32) {
    start += 4 + (member.packed >= FULL_32 ? 16 : 0) + (member.local >= FULL_32 ? 8 : 0);
  }
  return Math.ceil(start / alignment) * alignment;
}

async function readLocalHeaders(
  source: ByteSource,
  members: readonly ZipMember[],
  signal: AbortSignal | undefined,
): Promise<Map<ZipMember, number>> {
  const sorted = [...members].sort((a, b) => a.local - b.local);
  const batches: ZipMember[][] = [];
  let batch: ZipMember[] = [];
  for (const member of sorted) {
    if (batch.length > 0 && member.local - batch[0]!.local > BATCH_BYTES) {
      batches.push(batch);
      batch = [];
    }
    batch.push(member);
  }
  if (batch.length > 0) batches.push(batch);

  const starts = new Map<ZipMember, number>();
  const queue = batches.values();
  const work = async () => {
    for (const group of queue) {
      throwIfAborted(signal);
      const first = group[0]!.local;
      const end = Math.max(...group.map((m) => m.local + LOCAL_HEADER_BYTES + m.nameBytes));
      const bytes = await source.read(first, end, signal);
      for (const member of group) starts.set(member, readStart(source.name, bytes, member, member.local - first));
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, batches.length) }, work));
  return starts;
}

function readStart(file: string, bytes: Uint8Array<ArrayBuffer>, member: ZipMember, at: number): number {
  const cursor = new Cursor(bytes, { file, format: 'zip', base: member.local - at });
  cursor.skip(at);
  if (cursor.u32() !== LOCAL) throw cursor.fail(`there is no local header for member ${member.name.slice(0, 80)}`, at);
  cursor.skip(22);
  const [nameBytes, extra] = [cursor.u16(), cursor.u16()];
  const start = member.local + LOCAL_HEADER_BYTES + nameBytes + extra;
  if (nameBytes !== member.nameBytes || start + member.packed > member.limit) {
    const detail = `the local header of member ${member.name.slice(0, 80)} contradicts the directory`;
    throw malformed(file, 'zip', detail, member.local);
  }
  return start;
}
