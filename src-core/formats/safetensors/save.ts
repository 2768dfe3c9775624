/**
 * Files of a safetensors document with its edits. A file whose names, types, shapes and metadata stay keeps its header byte for byte,
 * and only tensors with new values are not copied. Otherwise the header is written anew, in the order it had, and the data follow
 * one another without holes, as the format asks for.
 */
import type { ByteSource, FileId } from '../../bytes/source.ts';
import {
  countIn,
  findCut,
  findHomes,
  type HomedTensor,
  isAlike,
  isSame,
  isSameValue,
  placeOf,
  refuseEntry,
} from '../../model/homes.ts';
import type { ByteSlice, Entry, EntryId, MetaItem, Problem, StateDict, TensorValue } from '../../model/state-dict.ts';
import { bitsOf, countElements, type DType, packedBytes } from '../../tensor/dtype.ts';
import type { Part, Save, SavedFile } from '../format.ts';
import { joinCopies } from '../join-copies.ts';
import { copyFile, patchFile } from '../patch-file.ts';
import { tagOf, tagRank } from './dtype-tags.ts';
import { encodeHeader, type HeaderTensor, METADATA } from './encode-header.ts';
import { saveIndex } from './save-index.ts';

export const save: Save = async ({ before, after, files, signal }) => {
  const plans: SavedFile[] = [];
  const homes = findHomes(before, after);
  for (const { id, part } of before.files) {
    const source = files.get(id);
    if (part !== 'model' || !source) continue;
    plans.push(planFile({ before, after, source, id, tensors: homes.get(id) ?? [] }));
  }
  const [first] = plans;
  if (first) plans[0] = { ...first, losses: [...first.losses, ...tellTies(before, after)] };
  const index = before.files.find(({ part }) => part === 'index');
  const indexSource = index && files.get(index.id);
  if (index && indexSource) plans.push(await saveIndex(index.id, indexSource, { before, after, homes }, signal));
  return plans;
};

/** Tensors that were tied since they were read: this format has no ties. */
function tellTies(before: StateDict, after: StateDict): Problem[] {
  const isNew = (row: EntryId) => {
    const { source = row, value } = after.entries.at(row);
    return source === null || !isSameValue(before.entries.at(source).value, value);
  };
  const tied = after.shares.find(({ owner, aliases }) => [owner, ...aliases].some(isNew));
  if (!tied) return [];
  const [a, b] = [tied.owner, tied.aliases[0]!].map((row) => after.entries.at(row).key);
  const message = `${a} and ${b} share memory, which this format has no way to say: each is written in full.`;
  return [{ code: 'tie-lost', severity: 'note', message }];
}

interface FileToSave {
  readonly before: StateDict;
  readonly after: StateDict;
  readonly id: FileId;
  readonly source: ByteSource;
  /** In the order of the state. */
  readonly tensors: readonly HomedTensor[];
}

function planFile(file: FileToSave): SavedFile {
  const { before, after, id, source, tensors } = file;
  const isComplete = tensors.length === countIn(before, id);
  const metadata = metadataOf(after, source.name);
  const isSameMetadata = JSON.stringify(metadata) === JSON.stringify(metadataOf(before, source.name));
  const keepsHeader = isComplete && isSameMetadata && tensors.every(({ entry, was }) => was && isAlike(was, entry));
  if (keepsHeader && tensors.every(({ entry, was }) => was && isSame(was, entry))) return copyFile(id, source.size);
  if (keepsHeader) return keepHeader(file);
  const cut = findCut(before);
  if (cut) throw refuse(cut, 'the file was cut off before its bytes, and what is not there cannot be written again');
  return rewriteFile(file, metadata);
}

function keepHeader({ before, id, source, tensors }: FileToSave): SavedFile {
  const changed = tensors
    .filter(({ entry, was }) => !isSame(was as Entry, entry))
    .map(({ entry, was }) => ({ ...(placeOf(before, was as Entry) as ByteSlice), value: tensorOf(entry) }));
  return patchFile(id, source.size, changed);
}

interface Placed extends HeaderTensor {
  readonly dtype: DType;
  readonly part: Part;
  /** Where its data were in the file; after all others when they were not. */
  readonly order: number;
  begin: number;
}

function rewriteFile(
  { before, after, id, source, tensors }: FileToSave,
  metadata: readonly (readonly [string, string])[],
): SavedFile {
  const placed = tensors.map(({ entry, was }): Placed => {
    const value = tensorOf(entry);
    const place = was && placeOf(before, was);
    const isKept = was !== undefined && isSameValue(was.value, value);
    // A type that nobody here knows is kept as it is.
    const tag = tagOf(value.dtype) ?? (isKept ? value.dtype.replace(/^other:/, '') : undefined);
    const length = isKept ? place?.length : packedBytes(value.dtype, countElements(value.shape));
    if (tag === undefined || length === undefined) throw refuse(entry, `there is no element type ${value.dtype}`);
    if (entry.key === METADATA) throw refuse(entry, 'the name is taken by the metadata');
    const { shape } = value;
    const part = partOf(after, entry, length);
    return { key: entry.key, tag, shape, dtype: value.dtype, length, part, order: place?.offset ?? Infinity, begin: 0 };
  });
  const data = arrange(placed);
  const header = encodeHeader(placed, metadata, source.name);
  const end = data.reduce((sum, { length }) => sum + length, 0);
  function* parts(): Generator<Part> {
    yield { kind: 'bytes', bytes: header };
    yield* joinCopies(data.map(({ part }) => part));
  }
  return { file: id, size: header.length + end, losses: [], parts };
}

/** The bytes of a tensor as they are in a file, where they are; else its elements. */
function partOf(state: StateDict, entry: Entry, length: number): Part {
  const value = tensorOf(entry);
  const place = placeOf(state, entry);
  const storage = state.storages.get(value.storage as number);
  const isWhole = !value.strides && value.offset === 0 && place?.length === length && storage?.endian === 'little';
  if (isWhole && place && !place.codec) return { kind: 'copy', file: place.file, offset: place.offset, length };
  return { kind: 'elements', value, length };
}

/** Gives each its place: in the order of the data before, unless an element would not begin at a multiple of its size then. */
function arrange(tensors: readonly Placed[]): readonly Placed[] {
  const byPlace = tensors.toSorted((a, b) => a.order - b.order);
  if (layOut(byPlace)) return byPlace;
  const byRank = byPlace.toSorted((a, b) => tagRank(b.dtype) - tagRank(a.dtype));
  layOut(byRank);
  return byRank;
}

/** Whether all are aligned. */
function layOut(tensors: readonly Placed[]): boolean {
  let at = 0;
  let aligned = true;
  for (const tensor of tensors) {
    tensor.begin = at;
    at += tensor.length;
    if (tensor.begin % Math.max(1, (bitsOf(tensor.dtype) ?? 8) / 8) !== 0) aligned = false;
  }
  return aligned;
}

/** Metadata of one file: what all say, and what it says otherwise. */
function metadataOf({ metadata }: StateDict, name: string): readonly (readonly [string, string])[] {
  const items = new Map<string, string>();
  for (const section of [METADATA, `${METADATA} of ${name}`])
    for (const item of metadata) if (item.section === section) items.set(item.key, textOf(item));
  return [...items];
}

function textOf({ key, value }: MetaItem): string {
  if (value.kind === 'string') return value.value;
  throw refuse({ key }, 'metadata of this format are texts');
}

function tensorOf(entry: Entry): TensorValue {
  if (entry.value.type === 'tensor' && !entry.value.undeclared && entry.value.storage !== undefined) return entry.value;
  throw refuse(entry, `it is ${entry.value.type === 'tensor' ? 'declared without data' : entry.value.type}`);
}

const refuse = (entry: Pick<Entry, 'key'>, detail: string) => refuseEntry(entry, 'safetensors', detail);
