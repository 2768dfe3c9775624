/**
 * New values in the places of the old ones: every other byte of the file stays. In a zip archive the check sums of these members
 * change with them, behind the data or before, and in the directory.
 */
import { crc32 } from '../../bytes/crc32.ts';
import type { ByteSource, FileId } from '../../bytes/source.ts';
import { openZip, type Zip, type ZipMember } from '../../bytes/zip.ts';
import type { ByteSlice, StateDict, TensorValue } from '../../model/state-dict.ts';
import type { Part, SavedFile } from '../format.ts';
import type { Changes } from './find-changes.ts';
import { findMoves, isMoved } from './find-moves.ts';
import { kindOf } from './magic.ts';
import { HEAD_BYTES } from './read-file.ts';
import { refuse } from './refuse.ts';

/** A storage whose bytes are others now. */
export interface Patch {
  readonly place: ByteSlice;
  /** All of the new storage. */
  readonly value: TensorValue;
}

const CENTRAL_CRC = 16;
const LOCAL_CRC = 14;
const DESCRIPTOR = 0x08074b50;

/** Storages to write over, by file; undefined when an edit is more than that. */
export function findPatches(
  before: StateDict,
  after: StateDict,
  changes: Changes,
): ReadonlyMap<FileId, readonly Patch[]> | undefined {
  if (changes.removed.length > 0 || changes.added.length > 0 || changes.metadata) return undefined;
  const moves = findMoves(before, after, changes);
  const isOther = changes.replaced.some(
    ({ was, entry }) =>
      was.key !== entry.key || !isMoved(was.value, entry.value, before) || !moves.has(was.value.storage),
  );
  if (isOther) return undefined;
  const patches = new Map<FileId, Patch[]>();
  for (const [id, value] of moves) {
    const data = before.storages.get(id)?.data;
    const [place, ...more] = data?.kind === 'slices' ? data.slices : [];
    if (!place || more.length > 0 || place.codec) return undefined;
    const known = patches.get(place.file);
    if (known) known.push({ place, value });
    else patches.set(place.file, [{ place, value }]);
  }
  return patches;
}

/** Bytes of the file that are not copied. */
interface Splice {
  readonly at: number;
  readonly length: number;
  readonly patch: Patch;
  readonly is: 'data' | 'check sum';
}

/** @throws `unsupported` for a zip archive whose members lie over each other. */
export async function patchFile(
  id: FileId,
  source: ByteSource,
  patches: readonly Patch[],
  signal: AbortSignal | undefined,
): Promise<SavedFile> {
  const head = await source.read(0, Math.min(HEAD_BYTES, source.size), signal);
  const zip = kindOf(head) === 'zip' ? await openZip(source, signal) : undefined;
  const overlap = zip?.problems.find(({ code }) => code === 'overlap');
  if (overlap) throw refuse(source.name, `${overlap.message} Save it as another file`);
  const splices: Splice[] = [];
  const byPlace = zip && [...zip.members].sort((a, b) => a.local - b.local);
  for (const patch of patches) {
    const { offset, length } = patch.place;
    splices.push({ at: offset, length, patch, is: 'data' });
    const member = byPlace?.findLast(({ local }) => local < offset);
    if (!zip || !member) continue;
    for (const at of await findCheckSums(zip, member, offset, signal))
      splices.push({ at, length: 4, patch, is: 'check sum' });
  }
  splices.sort((a, b) => a.at - b.at);
  return { file: id, size: source.size, losses: [], parts: () => listParts(id, source.size, splices) };
}

/** Where the check sum of a member stands. */
async function findCheckSums(
  { source }: Zip,
  member: ZipMember,
  data: number,
  signal: AbortSignal | undefined,
): Promise<readonly number[]> {
  const found = [member.central + CENTRAL_CRC];
  const local = await source.read(member.local + LOCAL_CRC, member.local + LOCAL_CRC + 4, signal);
  // Writers that stream leave it 0 and put it behind the data; some write both.
  if (!member.streamed || u32(local) !== 0) found.push(member.local + LOCAL_CRC);
  if (!member.streamed) return found;
  const end = data + member.packed;
  const first = u32(await source.read(end, end + 4, signal));
  return [...found, first === DESCRIPTOR ? end + 4 : end];
}

const u32 = (bytes: Uint8Array<ArrayBuffer>): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);

function* listParts(file: FileId, size: number, splices: readonly Splice[]): Generator<Part> {
  const sums = new Map<Patch, number>();
  let at = 0;
  for (const splice of splices) {
    const { patch, length } = splice;
    if (splice.at > at) yield { kind: 'copy', file, offset: at, length: splice.at - at };
    if (splice.is === 'data') {
      const see = (bytes: Uint8Array) => {
        sums.set(patch, crc32(bytes, sums.get(patch) ?? 0));
      };
      yield { kind: 'elements', value: patch.value, length, see };
    } else {
      yield { kind: 'late', length, make: () => encodeSum(sums.get(patch) ?? 0) };
    }
    at = splice.at + length;
  }
  if (at < size) yield { kind: 'copy', file, offset: at, length: size - at };
}

function encodeSum(sum: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, sum, true);
  return bytes;
}
