/** Headers of the arrays in an archive: a few hundred bytes each, in one read where they lie close together. */
import { StateglassError, throwIfAborted } from '../../base/errors.ts';
import { inflate } from '../../bytes/inflate.ts';
import type { ByteSource } from '../../bytes/source.ts';
import type { ZipMember } from '../../bytes/zip.ts';
import { headerLength, type NpyHeader, PREAMBLE_BYTES, parseNpyHeader } from './npy-header.ts';

/** The header of nearly every array has 128. */
const HEAD_BYTES = 256;
/** Headers nearer than this are fetched in one read. */
const BATCH_BYTES = 64 * 1024;
const PARALLEL = 8;

export interface PlacedMember {
  readonly member: ZipMember;
  /** Of its first byte of data. */
  readonly start: number;
}

/** A header, or what is wrong with it. Rejects for what has nothing to do with the file's content. */
export type FoundHeader = NpyHeader | StateglassError;

export async function readHeaders(
  source: ByteSource,
  members: readonly PlacedMember[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<ZipMember, FoundHeader>> {
  const found = new Map<ZipMember, FoundHeader>();
  const queue = batchMembers(members).values();
  const work = async () => {
    for (const batch of queue) {
      throwIfAborted(signal);
      const first = (batch[0] as PlacedMember).start;
      const end = Math.max(...batch.map(({ member, start }) => start + Math.min(HEAD_BYTES, member.packed)));
      const bytes = await source.read(first, end, signal);
      for (const { member, start } of batch) {
        const head = bytes.subarray(start - first, start - first + Math.min(HEAD_BYTES, member.packed));
        found.set(member, await keepFault(() => readHeader(source, { member, start }, head, signal)));
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return found;
}

function batchMembers(members: readonly PlacedMember[]): PlacedMember[][] {
  const batches: PlacedMember[][] = [];
  for (const placed of members.toSorted((a, b) => a.start - b.start)) {
    const batch = batches.at(-1);
    if (batch?.[0] && placed.start - batch[0].start <= BATCH_BYTES) batch.push(placed);
    else batches.push([placed]);
  }
  return batches;
}

async function readHeader(
  source: ByteSource,
  { member, start }: PlacedMember,
  head: Uint8Array<ArrayBuffer>,
  signal: AbortSignal | undefined,
): Promise<NpyHeader> {
  const isStored = member.method === 0;
  const place = { file: source.name, ...(isStored && { base: start }) };
  const take = async (length: number): Promise<Uint8Array<ArrayBuffer>> => {
    const end = Math.min(length, member.size);
    if (!isStored) return inflate(source, start, start + member.packed, end, { format: 'NumPy', upTo: end, signal });
    return end <= head.length ? head : source.read(start, start + end, signal);
  };
  const begin = await take(PREAMBLE_BYTES);
  return parseNpyHeader(await take(headerLength(begin, place)), place);
}

async function keepFault(read: () => Promise<NpyHeader>): Promise<FoundHeader> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof StateglassError && ['malformed', 'limit', 'unsupported'].includes(error.info.kind))
      return error;
    throw error;
  }
}
