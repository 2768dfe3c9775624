import { StateglassError } from '../base/errors.ts';
import type { FileId } from '../bytes/source.ts';
import type { Part, SavedFile } from '../formats/format.ts';
import { FORMATS } from '../formats/registry.ts';
import type { Entry, MetaItem, Problem, StateDict } from '../model/state-dict.ts';
import { countElements, packedBytes } from '../tensor/dtype.ts';
import type { Document } from './document.ts';
import type { EditedDocument } from './edits.ts';
import { formatLabelOf, listMetadataPlaces } from './formats.ts';
import { givenRoles, primaryOf, sidecarOf, writeSidecar } from './sidecar.ts';
import type { CarriedPlan } from './write-plan.ts';

/** One file of a document as it will be. */
export interface SavePlanFile extends CarriedPlan {
  /** The file whose place it takes. */
  readonly file: FileId;
  /** Nothing in it is different. */
  readonly isCopy: boolean;
  /** Bytes that are not in the file that was read. */
  readonly newBytes: number;
}

export interface SavePlan {
  readonly files: readonly SavePlanFile[];
  /** What of the document cannot be kept. */
  readonly losses: readonly Problem[];
}

/** Whether a document of this format can be saved in place of its file. */
export async function isSavable({ base }: EditedDocument): Promise<boolean> {
  return (await loadSave(base.format)) !== undefined;
}

/**
 * Plans the document's own files with its edits: what was not touched is copied byte for byte. Reads headers and texts, no tensor.
 *
 * @throws `unsupported` for an edit that the format cannot hold, naming the entry, and for formats that are not written.
 */
export async function planSave(document: EditedDocument, signal?: AbortSignal): Promise<SavePlan> {
  const { base, state, files } = document;
  const save = await loadSave(base.format);
  if (!save) {
    const detail = 'it is not written here: export to another format instead';
    throw new StateglassError({ kind: 'unsupported', file: document.name, format: formatLabelOf(base.format), detail });
  }
  requireMetadataPlaces(document);
  const saved = await save({ before: base, after: state, files, ...(signal && { signal }) });
  const sidecar = await planSidecar(document, signal);
  const planned = [...saved, ...(sidecar ? [sidecar] : [])].map((file) => carry(document, file));
  return { files: planned, losses: planned.flatMap(({ losses }) => losses) };
}

/** @throws `unsupported` for metadata that was changed where the format does not write any: it would be left out unsaid. */
function requireMetadataPlaces({ base, state }: EditedDocument): void {
  if (base.metadata === state.metadata) return;
  const open = new Set(listMetadataPlaces(state).map(({ section }) => section));
  const wordOf = (item: MetaItem) => JSON.stringify([item.section, item.key, item.value]);
  const [was, is] = [new Set(base.metadata.map(wordOf)), new Set(state.metadata.map(wordOf))];
  const changed = [
    ...state.metadata.filter((item) => !was.has(wordOf(item))),
    ...base.metadata.filter((item) => !is.has(wordOf(item))),
  ].find(({ section }) => !open.has(section));
  if (!changed) return;
  const detail = `the file has no place for metadata in ${changed.section}`;
  throw new StateglassError({ kind: 'unsupported', file: changed.key, format: formatLabelOf(base.format), detail });
}

async function loadSave(format: string) {
  const found = FORMATS.find(({ id }) => id === format);
  return found && (await found.load()).save;
}

/** Roles that were given, beside the model: absent where there are none. One that says the same already is copied. */
async function planSidecar(document: EditedDocument, signal: AbortSignal | undefined): Promise<SavedFile | undefined> {
  const { state, files } = document;
  const primary = primaryOf(state.files);
  const before = state.files.find(({ part }) => part === 'sidecar');
  const roles = givenRoles(state);
  const file = before?.id ?? (primary && sidecarOf(primary));
  if (file === undefined || (!before && roles.size === 0)) return undefined;
  const bytes = new TextEncoder().encode(writeSidecar(roles));
  const source = files.get(file);
  const isSame = source?.size === bytes.length && isEqual(await source.read(0, source.size, signal), bytes);
  const part: Part = isSame ? { kind: 'copy', file, offset: 0, length: bytes.length } : { kind: 'bytes', bytes };
  return { file, size: bytes.length, losses: [], parts: () => [part] };
}

const isEqual = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, i) => byte === b[i]);

function carry(document: EditedDocument, file: SavedFile): SavePlanFile {
  const { state, files } = document;
  const size = files.get(file.file)?.size;
  let isCopy = false;
  let newBytes = 0;
  let count = 0;
  for (const part of file.parts()) {
    count++;
    isCopy =
      count === 1 && part.kind === 'copy' && part.file === file.file && part.offset === 0 && part.length === size;
    if (part.kind !== 'copy' || part.file !== file.file) newBytes += lengthOf(part);
  }
  return {
    ...file,
    document: { state, files },
    isCopy,
    newBytes,
    elementBytes: file.size ?? 0,
    originOf: (value) => ({
      key: file.file,
      value,
      bytes: packedBytes(value.dtype, countElements(value.shape)) ?? 0,
    }),
  };
}

const lengthOf = (part: Part): number =>
  part.kind === 'bytes' ? part.bytes.length : part.kind === 'text' ? 0 : part.length;

/** Differences told; a count stands for the rest. */
const TOLD = 3;

/**
 * Compares what was written, opened again, with what was to be written: keys in their order, types, shapes, texts and numbers.
 * Tensors' values are not read.
 *
 * @throws `internal` naming what differs: the file is not what it should be.
 */
export function checkSaved(document: EditedDocument, reopened: Document): void {
  const [wanted, found] = [document.state, reopened.state];
  const wrong: string[] = [];
  if (wanted.entries.length !== found.entries.length)
    wrong.push(`${found.entries.length} entries instead of ${wanted.entries.length}`);
  const others = listByPlace(found);
  const describe = BY_PLACE.has(wanted.format) ? describePlain : describeValue;
  for (const [place, entry] of listByPlace(wanted)) {
    const other = others.get(place);
    if (!other) wrong.push(`${entry.key} is missing`);
    else if (describe(entry) !== describe(other)) wrong.push(`${entry.key} is another value`);
    else if (!hasRole(entry, other)) wrong.push(`${entry.key} has another role`);
    if (wrong.length > TOLD) break;
  }
  if (wrong.length === 0) return;
  const detail = `what was written is not what was meant: ${wrong.slice(0, TOLD).join('; ')}`;
  throw new StateglassError({ kind: 'internal', detail });
}

/** What a person said of an entry is there again. */
const hasRole = ({ role, roleSource, source }: Entry, other: Entry): boolean =>
  (roleSource !== 'user' && roleSource !== 'sidecar') ||
  (role.role === 'unknown' && source === null) ||
  JSON.stringify(role) === JSON.stringify(other.role);

/** By key, and by how many had the same before: keys may repeat, and 0 and "0" look the same. */
function listByPlace({ entries }: StateDict): ReadonlyMap<string, Entry> {
  const found = new Map<string, Entry>();
  const seen = new Map<string, number>();
  for (let row = 0; row < entries.length; row++) {
    const entry = entries.at(row);
    const before = seen.get(entry.key) ?? 0;
    seen.set(entry.key, before + 1);
    found.set(`${before}/${entry.key}`, entry);
  }
  return found;
}

/** What these call a list (examples, a configuration) is said by its place, also where it was put there by an edit. */
const BY_PLACE = new Set(['json', 'toml', 'yaml']);

function describePlain(entry: Entry): string {
  const { value } = entry;
  if (value.type !== 'json') return describeValue(entry);
  return describeValue({ ...entry, value: { type: 'json', json: value.json } });
}

function describeValue({ value }: Entry): string {
  if (value.type === 'tensor') return `${value.dtype} ${value.shape.join()}`;
  if (value.type === 'bytes') return `bytes ${value.length}`;
  if (value.type === 'float') return `float ${value.value}`;
  return JSON.stringify(value, (key, one) => (key === 'lexeme' && value.type !== 'json' ? undefined : one));
}
