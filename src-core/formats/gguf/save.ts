/**
 * Files of a GGUF document with its edits. Where only values changed the header and all other bytes are copied. Otherwise the header is
 * written anew, items of metadata in their order and with their types, those that were not touched byte for byte; data follow in the
 * order of the tensors. What is written anew is of version 3 and little-endian, as llama.cpp reads it.
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
import type { ByteSlice, Entry, Problem, StateDict, TensorValue } from '../../model/state-dict.ts';
import { blockOf, countElements, dtypeLabel, packedBytes } from '../../tensor/dtype.ts';
import type { Part, Save, SavedFile } from '../format.ts';
import { copyFile, patchFile } from '../patch-file.ts';
import { arrangeFile, type PartedTensor } from './arrange.ts';
import { type Header, readHeader } from './read-header.ts';
import { planItems } from './save-items.ts';
import { idOfDType } from './tensor-types.ts';

export const save: Save = async ({ before, after, files, signal }) => {
  const homes = findHomes(before, after);
  const plans: SavedFile[] = [];
  for (const { id, part } of before.files) {
    const source = files.get(id);
    if (part !== 'model' || !source) continue;
    plans.push(await planFile({ before, after, source, id, tensors: homes.get(id) ?? [], signal }));
  }
  return plans;
};

interface FileToSave {
  readonly before: StateDict;
  readonly after: StateDict;
  readonly id: FileId;
  readonly source: ByteSource;
  /** In the order of the state. */
  readonly tensors: readonly HomedTensor[];
  readonly signal: AbortSignal | undefined;
}

async function planFile(file: FileToSave): Promise<SavedFile> {
  const { before, after, id, source, tensors, signal } = file;
  const isEdited = before.metadata !== after.metadata || before.entries.length !== after.entries.length;
  const keepsTensors =
    tensors.length === countIn(before, id) && tensors.every(({ entry, was }) => was && isAlike(was, entry));
  const keepsValues = keepsTensors && tensors.every(({ entry, was }) => was && isSame(was, entry));
  if (!isEdited && keepsValues) return copyFile(id, source.size);
  const header = await readHeader(source, id, signal);
  const items = await planItems({ before, after, id, header, source, signal });
  const isWritable = header.encoding.endian === 'little';
  if (items.isSame && keepsValues) return copyFile(id, source.size);
  if (items.isSame && keepsTensors && isWritable) return keepHeader(file);
  const cut = findCut(before);
  if (cut) throw refuse(cut, 'the file was cut off before its bytes, and what is not there cannot be written again');
  const parted = tensors.map((tensor) => partTensor(file, tensor, header));
  return { file: id, losses: tellEncoding(header, source.name), ...arrangeFile(items, parted, items.alignment) };
}

function keepHeader({ before, id, source, tensors }: FileToSave): SavedFile {
  const changed = tensors
    .filter(({ entry, was }) => !isSame(was as Entry, entry))
    .map(({ entry, was }) => ({ ...(placeOf(before, was as Entry) as ByteSlice), value: tensorOf(entry) }));
  return patchFile(id, source.size, changed);
}

function partTensor({ before, after }: FileToSave, { entry, was }: HomedTensor, header: Header): PartedTensor {
  const value = tensorOf(entry);
  const { dtype, shape } = value;
  const isKept = was !== undefined && isSameValue(was.value, value);
  // A type that nobody here knows is kept as it is.
  const type = idOfDType(dtype) ?? (isKept ? storedType(before, was, header) : undefined);
  const place = placeOf(after, entry);
  const isUnknown = idOfDType(dtype) === undefined;
  const length = isUnknown ? place?.length : packedBytes(dtype, countElements(shape));
  if (type === undefined || length === undefined) throw refuse(entry, `GGUF has no element type ${dtypeLabel(dtype)}`);
  if (shape.length > MOST_DIMENSIONS)
    throw refuse(entry, `it has ${shape.length} dimensions, and ggml has ${MOST_DIMENSIONS}`);
  const storage = after.storages.get(value.storage as number);
  const isLittle = storage?.endian === 'little';
  if (!isLittle && (blockOf(dtype) || isUnknown))
    throw refuse(entry, `its file is big-endian, and blocks of ${dtypeLabel(dtype)} are not turned`);
  const isWhole = !value.strides && value.offset === 0 && place?.length === length && isLittle;
  const part: Part =
    isWhole && place && !place.codec
      ? { kind: 'copy', file: place.file, offset: place.offset, length }
      : { kind: 'elements', value, length };
  return { key: entry.key, shape, type, length, part };
}

const MOST_DIMENSIONS = 4;

/** The number of a type that has no name here, as the header has it. */
function storedType(before: StateDict, was: Entry, header: Header): number | undefined {
  const place = placeOf(before, was);
  return header.tensors.find(({ name, offset }) => name === was.key && header.dataStart + offset === place?.offset)
    ?.type;
}

function tellEncoding({ encoding: { version, endian } }: Header, name: string): Problem[] {
  if (version === 3 && endian === 'little') return [];
  const was = `version ${version}${endian === 'big' ? ', big-endian' : ''}`;
  return [
    { code: 'encoding', severity: 'note', message: `${name} is of ${was}: it is written as version 3, little-endian.` },
  ];
}

function tensorOf(entry: Entry): TensorValue {
  if (entry.value.type === 'tensor' && !entry.value.undeclared && entry.value.storage !== undefined) return entry.value;
  throw refuse(
    entry,
    `it is ${entry.value.type === 'tensor' ? 'declared without data' : `a value (${entry.value.type}), and GGUF holds tensors`}`,
  );
}

const refuse = (entry: Pick<Entry, 'key'>, detail: string) => refuseEntry(entry, 'GGUF', detail);
