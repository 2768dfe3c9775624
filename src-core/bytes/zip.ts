/**
 * The list of members of a zip archive and where their bytes are, read from the end of the file: members are windows, nothing
 * is extracted ahead. Zip64 is read; split, encrypted and strongly encrypted archives are not, nor methods other than stored
 * and deflate. Sizes come from the central directory alone (writers that stream leave zeros in the local header).
 * Specified in PKWARE's APPNOTE.TXT.
 */
import { malformed } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { Cursor } from './cursor.ts';
import { inflate } from './inflate.ts';
import { keepRecent } from './recent.ts';
import type { ByteSource } from './source.ts';
import { type End, FORMAT, FULL_32, readEnd, unsupported } from './zip-end.ts';
import { LOCAL_HEADER_BYTES, type LocateOptions, locateMembers } from './zip-locate.ts';

const CENTRAL = 0x02014b50;
const CENTRAL_BYTES = 46;
const ZIP64_EXTRA = 1;

export interface ZipMember {
  /** As stored; `/`-separated. Two members may have the same one. */
  readonly name: string;
  /** Bytes of the name as stored: the local header repeats it. */
  readonly nameBytes: number;
  /** Where the local header is, in the source. */
  readonly local: number;
  /** Where the next local header, or the directory, begins: no byte of this member is past it. */
  readonly limit: number;
  /** Bytes in the archive. */
  readonly packed: number;
  /** Bytes of the content. */
  readonly size: number;
  /** 0 is stored, 8 is deflate. */
  readonly method: number;
  /** Whether sizes follow the data (general purpose bit 3). */
  readonly streamed: boolean;
  readonly encrypted: boolean;
  /** Length of the extra field in the directory; the local one often equals it. */
  readonly extra: number;
  /** Check sum of the content, as the directory says. */
  readonly crc: number;
  /** Where its record in the directory is, in the source. */
  readonly central: number;
}

export interface ZipProblem {
  readonly code: 'prepended-data' | 'duplicate-member' | 'overlap' | 'outside' | 'odd-name';
  readonly severity: 'error' | 'warning';
  /** A full sentence. */
  readonly message: string;
  /** Byte offset in the source. */
  readonly at: number;
  /** Name of the member it is about, where it is about one. */
  readonly member?: string;
}

export interface Zip {
  readonly source: ByteSource;
  /** In directory order. */
  readonly members: readonly ZipMember[];
  readonly problems: readonly ZipProblem[];
  /** The first member of that name. */
  find(name: string): ZipMember | undefined;
  /** The content of a member, inflated where it needs to be. `upTo` reads no more than its first bytes. */
  read(
    member: ZipMember,
    options?: { upTo?: number; signal?: AbortSignal | undefined },
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** Offset in the source of each member's first data byte, in few reads. */
  locate(members: readonly ZipMember[], options?: LocateOptions): Promise<number[]>;
}

/**
 * Reads the directory of a zip archive: the last 64 KiB, and the directory itself where that is longer.
 *
 * @throws `malformed` when there is no directory or it is broken, `unsupported` for split archives, `limit` for its size.
 */
export async function openZip(source: ByteSource, signal?: AbortSignal): Promise<Zip> {
  const bytes = keepRecent(source);
  const end = await readEnd(bytes, signal);
  const directory = await bytes.read(end.start, end.start + end.length, signal);
  const problems = new ProblemList();
  if (end.shift > 0) {
    problems.add({
      code: 'prepended-data',
      severity: 'warning',
      message: `${end.shift} bytes stand before the archive; offsets are counted from behind them.`,
      at: 0,
    });
  }
  const byName = new Map<string, ZipMember>();
  const members = readDirectory(source, directory, end, byName, problems);
  return {
    source,
    members,
    problems: problems.list,
    find: (name) => byName.get(name),
    read: (member, options) => readMember(bytes, member, options),
    locate: (wanted, options) => locateMembers(bytes, wanted, options),
  };
}

/** Some of each kind: a directory may have a million members that all repeat one name. */
class ProblemList {
  readonly list: ZipProblem[] = [];
  private readonly counts = new Map<string, number>();

  add(problem: ZipProblem): void {
    const count = (this.counts.get(problem.code) ?? 0) + 1;
    this.counts.set(problem.code, count);
    if (count <= LIMITS.problemsPerKind) this.list.push(problem);
  }
}

function readDirectory(
  source: ByteSource,
  directory: Uint8Array<ArrayBuffer>,
  end: End,
  byName: Map<string, ZipMember>,
  problems: ProblemList,
): ZipMember[] {
  const cursor = new Cursor(directory, { file: source.name, format: FORMAT, base: end.start });
  const members: { -readonly [K in keyof ZipMember]: ZipMember[K] }[] = [];
  for (let i = 0; i < end.count; i++) {
    const at = cursor.at;
    if (cursor.left < CENTRAL_BYTES || cursor.u32() !== CENTRAL) {
      throw cursor.fail(`the directory breaks off after ${i} of ${end.count} members`, at);
    }
    cursor.skip(4);
    const flags = cursor.u16();
    const method = cursor.u16();
    cursor.skip(4);
    const crc = cursor.u32();
    let packed = cursor.u32();
    let size = cursor.u32();
    const nameBytes = cursor.u16();
    const extra = cursor.u16();
    const comment = cursor.u16();
    cursor.skip(8);
    let local = cursor.u32();
    const name = decodeName(cursor.take(nameBytes));
    const extras = cursor.take(extra);
    cursor.skip(comment);
    if (size === FULL_32 || packed === FULL_32 || local === FULL_32) {
      const base = end.start + cursor.at - comment - extra;
      const wide = findExtra(new Cursor(extras, { file: source.name, format: FORMAT, base }), ZIP64_EXTRA);
      // The fields stand in this order, and only those that did not fit.
      if (size === FULL_32 && wide) size = wide.u64();
      if (packed === FULL_32 && wide) packed = wide.u64();
      if (local === FULL_32 && wide) local = wide.u64();
    }
    local += end.shift;
    const place = end.start + at;
    if (local + LOCAL_HEADER_BYTES + nameBytes + packed > end.start) {
      const message = `Member ${quote(name)} is said to lie outside the archive.`;
      problems.add({ code: 'outside', severity: 'error', message, at: place, member: name });
      continue;
    }
    if (byName.has(name)) {
      const message = `Member ${quote(name)} stands in the archive more than once; the first is used.`;
      problems.add({ code: 'duplicate-member', severity: 'warning', message, at: place, member: name });
    }
    if (/(^|\/)\.\.(\/|$)|^\/|\\/.test(name)) {
      const message = `Member ${quote(name)} has a name that would leave the folder it is unpacked to.`;
      problems.add({ code: 'odd-name', severity: 'warning', message, at: place, member: name });
    }
    const encrypted = (flags & 0x2041) !== 0;
    const streamed = (flags & 8) !== 0;
    const member: (typeof members)[number] = {
      name,
      nameBytes,
      local,
      limit: end.start,
      packed,
      size,
      method,
      streamed,
      encrypted,
      extra,
      crc,
      central: place,
    };
    members.push(member);
    if (!byName.has(name)) byName.set(name, member);
  }
  setLimits(members, problems);
  return members;
}

/** A member ends where the next begins. One that reaches further shares bytes with it: an archive bomb, or damage. */
function setLimits(
  members: { local: number; limit: number; packed: number; nameBytes: number; name: string }[],
  problems: ProblemList,
): void {
  const sorted = [...members].sort((a, b) => a.local - b.local);
  for (let i = 0; i + 1 < sorted.length; i++) {
    const [member, next] = [sorted[i]!, sorted[i + 1]!];
    const end = member.local + LOCAL_HEADER_BYTES + member.nameBytes + member.packed;
    if (end <= next.local) member.limit = next.local;
    else {
      const message = `Members ${quote(member.name)} and ${quote(next.name)} overlap.`;
      problems.add({ code: 'overlap', severity: 'error', message, at: next.local });
    }
  }
}

async function readMember(
  source: ByteSource,
  member: ZipMember,
  { upTo, signal }: { upTo?: number; signal?: AbortSignal | undefined } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  if (member.encrypted) throw unsupported(source.name, `member ${quote(member.name)} is encrypted`);
  if (member.method !== 0 && member.method !== 8) {
    throw unsupported(
      source.name,
      `member ${quote(member.name)} is packed with method ${member.method}; repack it as stored`,
    );
  }
  const [start] = (await locateMembers(source, [member], { signal })) as [number];
  if (member.method === 8) {
    const options = upTo === undefined ? { format: FORMAT, signal } : { format: FORMAT, signal, upTo };
    return inflate(source, start, start + member.packed, member.size, options);
  }
  if (member.packed !== member.size) {
    throw malformed(source.name, FORMAT, `stored member ${quote(member.name)} has two different sizes`, member.local);
  }
  return source.read(start, start + Math.min(member.size, upTo ?? member.size), signal);
}

function findExtra(extras: Cursor, id: number): Cursor | undefined {
  while (extras.left >= 4) {
    const [tag, length] = [extras.u16(), extras.u16()];
    if (tag === id) return extras;
    if (length > extras.left) return undefined;
    extras.skip(length);
  }
  return undefined;
}

// Names without the UTF-8 flag are code page 437; in checkpoints they are ASCII either way.
const decoder = new TextDecoder();
const decodeName = (bytes: Uint8Array<ArrayBuffer>): string => decoder.decode(bytes);
const quote = (name: string): string => JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
