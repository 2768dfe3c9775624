/**
 * New values in the places of the old ones: every other byte of the file stays. In a zip archive the check sums of these members
 * change with them, behind the data or before, and in the directory.
 */
import { crc32 } from '../../bytes/crc32.ts';
import type { ByteSource, FileId } from '../../bytes/source.ts';
import { openZip, type Zip, type ZipMember } from '../../bytes/zip.ts';
import type { ByteSlice, EntryId, StateDict, StorageId, TensorValue } from '../../model/state-dict.ts';
import { bitsOf } from '../../tensor/dtype.ts';
import type { Part, SavedFile } from '../format.ts';
import type { Changes } from './find-changes.ts';
import { isSameValue } from './find-changes.ts';
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
  { replaced, removed, added, metadata }: Changes,
): ReadonlyMap<FileId, readonly Patch[]> | undefined {
  if (removed.length > 0 || added.length > 0 || metadata) return undefined;
  const moved = new Map<EntryId, StorageId>();
  const patches = new Map<FileId, Patch[]>();
  const seen = new Map<StorageId, StorageId>();
  for (const { was, entry } of replaced) {
    const [old, value] = [was.value, entry.value];
    if (entry.key !== was.key || old.type !== 'tensor' || value.type !== 'tensor') return undefined;
    if (!isSameValue({ ...old, storage: 0 }, { ...value, storage: 0 })) return undefined;
    if (old.storage === undefined || value.storage === undefined) return undefined;
    if (value.storage < before.storages.size) return undefined;
    moved.set(was.id, value.storage);
    if ((seen.get(old.storage) ?? value.storage) !== value.storage) return undefined;
    if (seen.has(old.storage)) continue;
    seen.set(old.storage, value.storage);
    const patch = patchOf(before, after, old.storage, value);
    if (!patch) return undefined;
    patches.set(patch.place.file, [...(patches.get(patch.place.file) ?? []), patch]);
  }
  // Entries that share a storage share its new bytes, or are apart now.
  for (const { owner, aliases } of before.shares) {
    const targets = new Set([owner, ...aliases].map((row) => moved.get(row)));
    if (targets.size > 1) return undefined;
  }
  return patches;
}

function patchOf(before: StateDict, after: StateDict, id: StorageId, value: TensorValue): Patch | undefined {
  const [old, now] = [before.storages.get(id), after.storages.get(value.storage as number)];
  const slices = old?.data.kind === 'slices' ? old.data.slices : [];
  const [place] = slices;
  const bits = bitsOf(value.dtype);
  if (!place || slices.length > 1 || place.codec || old?.endian !== 'little' || !bits) return undefined;
  if (now?.byteLength !== place.length || (place.length * 8) % bits !== 0) return undefined;
  const { dtype, storage } = value;
  const whole: TensorValue = {
    type: 'tensor',
    dtype,
    shape: [(place.length * 8) / bits],
    offset: 0,
    storage: storage!,
  };
  return { place, value: whole };
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
