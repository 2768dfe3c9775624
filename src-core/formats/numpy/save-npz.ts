/**
 * An archive with its edits: members that were not touched are copied as they are packed, with records of their own around them; what
 * was changed or added is stored. Times and attributes of members are not kept: NumPy has none.
 */
import { crc32 } from '../../bytes/crc32.ts';
import type { FileId } from '../../bytes/source.ts';
import { directoryBytes, encodeDirectory, encodeLocal, localBytes, type NewMember } from '../../bytes/zip-write.ts';
import { isSameValue } from '../../model/homes.ts';
import type { Entry, Problem, StateDict, Value } from '../../model/state-dict.ts';
import type { Part, Save } from '../format.ts';
import { copyFile } from '../patch-file.ts';
import { type NewArray, planArray, refuse } from './new-array.ts';
import { type ReadMember, readMembers } from './read-members.ts';

/** What a member is made of. */
type Content =
  | { readonly kind: 'copy'; readonly offset: number; readonly length: number; readonly crc: number }
  | { readonly kind: 'new'; readonly array: NewArray }
  /** What is no array: bytes of a storage. */
  | { readonly kind: 'bytes'; readonly part: Part };

interface Planned {
  readonly name: string;
  readonly content: Content;
  readonly size: number;
  readonly deflated?: number;
}

export const save: Save = async ({ before, after, files, signal }) => {
  const model = before.files.find(({ part }) => part === 'model');
  const source = model && files.get(model.id);
  if (!model || !source) return [];
  const { id } = model;
  if (isUntouched(before, after)) {
    return [copyFile(id, source.size)];
  }
  const found = await readMembers(id, source, signal);
  if ('decline' in found) throw refuse(source.name, found.decline);
  const broken = found.zip.problems.find(({ severity }) => severity === 'error');
  if (broken) throw refuse(source.name, `the archive is damaged and is not written anew: ${broken.message}`);
  const planned = planMembers(before, after, found.members);
  const placed = placeMembers(planned);
  const last = placed.at(-1);
  const start = last ? last.local + localBytes(last) + (last.deflated ?? last.size) : 0;
  return [
    {
      file: id,
      size: start + directoryBytes(placed, start),
      losses: planned.flatMap(({ content }): readonly Problem[] =>
        content.kind === 'new' ? content.array.losses : [],
      ),
      parts: () => listParts(id, planned, start),
    },
  ];
};

function isUntouched(before: StateDict, after: StateDict): boolean {
  if (before.entries.length !== after.entries.length) return false;
  for (let row = 0; row < after.entries.length; row++) {
    const [was, is] = [before.entries.at(row), after.entries.at(row)];
    if (is.source !== undefined && is.source !== row) return false;
    if (was.key !== is.key || !isSameValue(was.value, is.value)) return false;
  }
  return true;
}

/** In the order of the entries. The fields of one array are one member. */
function planMembers(before: StateDict, after: StateDict, members: readonly ReadMember[]): readonly Planned[] {
  const memberOf = new Map<number, ReadMember>();
  for (const one of members) for (let row = one.first; row < one.end; row++) memberOf.set(row, one);
  const kept = new Map<ReadMember, Entry[]>();
  const order: (Entry | ReadMember)[] = [];
  for (let row = 0; row < after.entries.length; row++) {
    const entry = after.entries.at(row);
    const source = entry.source === undefined ? row : entry.source;
    const member = source === null ? undefined : memberOf.get(source);
    if (!member) {
      order.push(entry);
      continue;
    }
    const entries = kept.get(member);
    if (entries) entries.push(entry);
    else {
      kept.set(member, [entry]);
      order.push(member);
    }
  }
  // Arrays of no fields have no entries, and stay.
  order.push(...members.filter(({ first, end }) => first === end));
  const planned = order.map((one) => {
    if (!('member' in one)) return planNew(one.key, one.value);
    const entries = kept.get(one) ?? [];
    const isOne =
      one.end - one.first === 1 && entries[0]?.key !== undefined && !isField(before.entries.at(one.first), one);
    return isOne ? planOne(before, one, entries[0] as Entry) : planFields(before, one, entries);
  });
  requireNames(planned, members);
  return planned;
}

const isField = ({ key }: Entry, { name }: ReadMember): boolean => key !== name;

function planOne(before: StateDict, read: ReadMember, entry: Entry): Planned {
  const { header } = read;
  if (isSameValue(before.entries.at(read.first).value, entry.value)) {
    return copyMember(read, header ? `${entry.key}.npy` : entry.key);
  }
  return planNew(entry.key, entry.value, read);
}

function planNew(key: string, value: Value, read?: ReadMember): Planned {
  if (value.type === 'bytes') {
    const { storage, length } = value;
    const bytes = { type: 'tensor', dtype: 'u8', shape: [length], offset: 0, storage } as const;
    return { name: key, size: length, content: { kind: 'bytes', part: { kind: 'elements', value: bytes, length } } };
  }
  const array = planArray(key, value, read?.header);
  return { name: `${key}.npy`, size: array.length, content: { kind: 'new', array } };
}

/** All fields as they were, under one name; or none of them. */
function planFields(before: StateDict, read: ReadMember, entries: readonly Entry[]): Planned {
  const { name, first, end } = read;
  if (first === end) return copyMember(read, `${name}.npy`);
  const names = new Set<string>();
  const left = new Set(Array.from({ length: end - first }, (_, i) => first + i));
  for (const entry of entries) {
    const row = entry.source ?? entry.id;
    const was = before.entries.at(row);
    const field = was.key.slice(name.length);
    if (!isSameValue(was.value, entry.value))
      throw refuse(entry.key, 'a field of an array of fields is saved as it is: copy it to a new name to change it');
    if (!entry.key.endsWith(field)) throw refuse(was.key, 'a field keeps its name in its array');
    names.add(entry.key.slice(0, entry.key.length - field.length));
    left.delete(row);
  }
  const [gone] = left;
  if (gone !== undefined)
    throw refuse(before.entries.at(gone).key, 'the fields of an array are deleted together, or not at all');
  const [renamed = name, ...others] = names;
  if (others.length > 0) throw refuse(`${name}`, 'the fields of an array are renamed together, or not at all');
  return copyMember(read, `${renamed}.npy`);
}

function copyMember({ member, start }: ReadMember, name: string): Planned {
  if (start === undefined)
    throw refuse(member.name, 'it is encrypted, or packed in a way that is not read: it is not copied');
  const { size, packed, crc, method } = member;
  const content: Content = { kind: 'copy', offset: start, length: packed, crc };
  return { name, size, content, ...(method === 8 && { deflated: packed }) };
}

/** Two of one name are left so where they were so. */
function requireNames(planned: readonly Planned[], members: readonly ReadMember[]): void {
  const before = new Map<string, number>();
  for (const { member } of members) before.set(member.name, (before.get(member.name) ?? 0) + 1);
  const seen = new Map<string, number>();
  for (const { name } of planned) {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    if (count > Math.max(1, before.get(name) ?? 0)) throw refuse(name, 'two arrays would have this name');
    if (!name.isWellFormed()) throw refuse(name, 'its name is no valid Unicode');
    if (new TextEncoder().encode(name).length > 0xffff) throw refuse(name.slice(0, 80), 'its name is too long');
  }
}

interface Placed extends NewMember {
  crc: number;
}

function placeMembers(planned: readonly Planned[]): Placed[] {
  const encoder = new TextEncoder();
  let local = 0;
  return planned.map(({ name, size, deflated, content }) => {
    const crc = content.kind === 'copy' ? content.crc : 0;
    const member = { name: encoder.encode(name), size, crc, local, ...(deflated !== undefined && { deflated }) };
    local += localBytes(member) + (deflated ?? size);
    return member;
  });
}

function* listParts(file: FileId, planned: readonly Planned[], start: number): Generator<Part> {
  const members = placeMembers(planned);
  for (const [i, { content }] of planned.entries()) {
    const member = members[i] as Placed;
    if (content.kind === 'copy') {
      yield { kind: 'bytes', bytes: encodeLocal(member) };
      if (content.length > 0) yield { kind: 'copy', file, offset: content.offset, length: content.length };
      continue;
    }
    // The check sum stands before what it is of.
    yield { kind: 'late', length: localBytes(member), make: () => encodeLocal(member) };
    const see = (bytes: Uint8Array<ArrayBuffer>) => {
      member.crc = crc32(bytes, member.crc);
    };
    if (content.kind === 'bytes') {
      if (member.size > 0) yield { ...content.part, see } as Part;
      continue;
    }
    const { header, rest } = content.array;
    member.crc = crc32(header);
    yield { kind: 'bytes', bytes: header };
    if (rest?.kind === 'bytes') see(rest.bytes);
    if (rest) yield rest.kind === 'elements' ? { ...rest, see } : rest;
  }
  yield { kind: 'late', length: directoryBytes(members, start), make: () => encodeDirectory(members, start) };
}
