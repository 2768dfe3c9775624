/** The members of an archive with the rows of the document that each became: what reading and saving have in common. */
import { StateglassError } from '../../base/errors.ts';
import type { ByteSource, FileId } from '../../bytes/source.ts';
import { openZip, type Zip, type ZipMember } from '../../bytes/zip.ts';
import type { KeySyntax } from '../../model/keys/key.ts';
import { KEY_SYNTAXES, recogniseSyntax } from '../../model/keys/recognise.ts';
import type { EntryId, StorageData } from '../../model/state-dict.ts';
import { type ArrayPlace, ArrayTable } from './array-table.ts';
import type { NpyHeader } from './npy-header.ts';
import { readHeaders } from './read-headers.ts';

/** Keys looked at to find out how all are written. */
const SAMPLE = 256;

export interface ReadMember {
  readonly member: ZipMember;
  /** As `np.load` calls it: what is no array keeps its whole name. */
  readonly name: string;
  /** Of its first byte of data; undefined where it cannot be read. */
  readonly start: number | undefined;
  /** Absent for what is no array, or a broken one. */
  readonly header?: NpyHeader;
  /** Rows [first, end). */
  readonly first: EntryId;
  readonly end: EntryId;
}

export interface ReadArchive {
  readonly zip: Zip;
  readonly members: readonly ReadMember[];
  readonly table: ArrayTable;
}

/** Reads the directory and the headers. `decline` is why it is no archive of arrays. */
export async function readMembers(
  id: FileId,
  source: ByteSource,
  signal: AbortSignal | undefined,
): Promise<ReadArchive | { readonly decline: string }> {
  const zip = await openZip(source, signal);
  const listed = zip.members.filter(({ name }) => !name.endsWith('/'));
  // A folder of other things that was zipped may have arrays in it, too.
  const isMostlyArrays = 2 * listed.filter(isArray).length > listed.length;
  if (!source.name.toLowerCase().endsWith('.npz') && !isMostlyArrays)
    return { decline: 'a zip of other things than arrays is no NumPy archive' };
  const readable = listed.filter(isReadable);
  const starts = await zip.locate(readable, { signal });
  const startOf = new Map(readable.map((member, i) => [member, starts[i] as number]));
  const placed = readable.filter(isArray).map((member) => ({ member, start: startOf.get(member) as number }));
  const headers = await readHeaders(source, placed, signal);

  const table = new ArrayTable(syntaxOf(listed.slice(0, SAMPLE).map(nameOf)));
  const members = listed.map((member): ReadMember => {
    const first = table.entries.length;
    const start = startOf.get(member);
    const name = nameOf(member);
    const header = headers.get(member);
    const facts = { member, name, start, first };
    const isBroken = header instanceof StateglassError;
    if (header && !isBroken && start !== undefined) {
      table.addArray(name, header, placeElements(id, member, start, header.length));
      return { ...facts, header, end: table.entries.length };
    }
    const row = table.addBytes(name, placeMember(id, member, start), member.size);
    if (isBroken) {
      const message = `${member.name} is no array that can be read: ${header.message}.`;
      table.addProblem({ code: 'unreadable-array', severity: 'error', message, entry: row });
    }
    return { ...facts, end: row + 1 };
  });
  return { zip, members, table };
}

const isArray = ({ name }: ZipMember): boolean => name.toLowerCase().endsWith('.npy');
const nameOf = (member: ZipMember): string =>
  isArray(member) && member.name.length > 4 ? member.name.slice(0, -4) : member.name;

const isReadable = (member: ZipMember): boolean =>
  !member.encrypted && (member.method === 8 || (member.method === 0 && member.packed === member.size));

/** One name with a dot and no slash is enough for dots to be what parts names. */
function syntaxOf(names: readonly string[]): KeySyntax {
  const found = recogniseSyntax(names);
  const isSlashed = names.some((name) => name.includes('/')) && names.every((name) => /\/|^[^.]*$/.test(name));
  return found.id === 'dotted' && isSlashed ? KEY_SYNTAXES['slash-separated'] : found;
}

function placeElements(file: FileId, member: ZipMember, start: number, header: number): ArrayPlace {
  if (member.method === 8) return { data: placeMember(file, member, start), byteLength: member.size, skip: header };
  const length = member.size - header;
  const slices = length > 0 ? [{ file, offset: start + header, length }] : [];
  return { data: { kind: 'slices', slices }, byteLength: length, skip: 0 };
}

function placeMember(file: FileId, member: ZipMember, start: number | undefined): StorageData {
  if (start === undefined) {
    const why = member.encrypted ? 'encrypted' : `packed with method ${member.method}`;
    return { kind: 'absent', why: `${member.name} is ${why}` };
  }
  const slice = { file, offset: start, length: member.packed };
  if (member.method === 0) return { kind: 'slices', slices: member.size > 0 ? [slice] : [] };
  return { kind: 'slices', slices: [{ ...slice, codec: 'deflate', inflated: member.size }] };
}
