/** Where the bytes of a tensor are: in the file, in a file beside it, or nowhere. */
import { LIMITS } from '../../base/limits.ts';
import type { ByteSource, FileId, FileSet } from '../../bytes/source.ts';
import { readVarints } from '../../bytes/varints.ts';
import type { Storage, StorageData, StorageId } from '../../model/state-dict.ts';
import { bitsOf, countElements, type DType } from '../../tensor/dtype.ts';
import { elementTypeOf } from './element-types.ts';
import { type ExternalFiles, readExternal } from './external.ts';
import type { OnnxTensor } from './model.ts';

export interface Located {
  readonly storage: Storage;
  /** What is wrong with it, as the rest of a sentence about the tensor. */
  readonly fault?: string;
}

export interface LocateContext {
  readonly id: FileId;
  readonly source: ByteSource;
  readonly files: FileSet;
  readonly external: ExternalFiles;
  readonly signal?: AbortSignal | undefined;
}

/** @param shape as checked: whole numbers from 0. */
export async function locateTensor(
  context: LocateContext,
  tensor: OnnxTensor,
  dtype: DType,
  shape: readonly number[],
  id: StorageId,
): Promise<Located> {
  const count = countElements(shape);
  const bytes = Math.ceil((count * (bitsOf(dtype) ?? 8)) / 8);
  const make = (data: StorageData, fault?: string, byteLength = bytes): Located => ({
    storage: { id, byteLength, endian: 'little', data },
    ...(fault !== undefined && { fault }),
  });
  const absent = (why: string, fault?: string) => make({ kind: 'absent', why }, fault);
  if (!Number.isSafeInteger(bytes))
    return absent('its shape is too large to be', 'has a shape that is too large to be');
  if (tensor.external) {
    const found = readExternal(context.external, tensor.external, bytes);
    if ('why' in found) return absent(found.why, found.isFault ? `is not here: ${found.why}` : undefined);
    return make({ kind: 'slices', slices: [found.slice] });
  }
  if (tensor.raw) return inFile(context, [tensor.raw], bytes, make);
  const { field, width = 1 } = elementTypeOf(tensor.type);
  const pieces = tensor.typed.filter((piece) => piece.field === field);
  if (pieces.length === 0) {
    if (count === 0) return make({ kind: 'inline', bytes: new Uint8Array(0) });
    return absent(
      'the file says no value for it',
      tensor.typed.length > 0
        ? `keeps its values in ${tensor.typed[0]?.field}, where its type has none`
        : 'has no values',
    );
  }
  if (field === 'float_data' || field === 'double_data') return inFile(context, pieces, bytes, make);
  const numbers = width === bytesOfElement(dtype) ? count : bytes;
  const [first] = pieces;
  const stored = pieces.reduce((sum, { at, end }) => sum + end - at, 0);
  if (stored < numbers) return absent('its values are cut off', `has ${stored} bytes for ${numbers} numbers`);
  if (numbers * width <= LIMITS.onnxInlineBytes || pieces.length > 1 || !first)
    return inlineVarints(context, pieces, numbers * width, width, make);
  const slice = { file: context.id, offset: first.at, length: first.end - first.at };
  return make({
    kind: 'derived',
    expr: { kind: 'varints', width: width as 1 | 2 | 4 | 8 },
    inputs: [
      {
        value: { type: 'tensor', dtype: 'u8', shape: [slice.length], offset: 0, storage: id },
        storage: { id, byteLength: slice.length, endian: 'little', data: { kind: 'slices', slices: [slice] } },
      },
    ],
  });
}

type MakeLocated = (data: StorageData, fault?: string) => Located;

const bytesOfElement = (dtype: DType): number => (bitsOf(dtype) ?? 8) / 8;

/** Bytes that are the elements, in a row or in pieces. */
function inFile(
  { id, source }: LocateContext,
  pieces: readonly { readonly at: number; readonly end: number }[],
  bytes: number,
  make: MakeLocated,
): Located {
  const has = pieces.reduce((sum, { at, end }) => sum + end - at, 0);
  if (has < bytes) {
    const isCut = pieces.at(-1)?.end === source.size;
    const why = isCut ? `${source.name} ends before it` : 'the file holds fewer bytes than its shape needs';
    return make({ kind: 'absent', why }, isCut ? 'is cut off with its file' : `has ${has} bytes and needs ${bytes}`);
  }
  let left = bytes;
  const slices = pieces.flatMap(({ at, end }) => {
    const length = Math.min(left, end - at);
    left -= length;
    return length > 0 ? [{ file: id, offset: at, length }] : [];
  });
  return make({ kind: 'slices', slices }, has > bytes ? `has ${has} bytes and needs ${bytes}` : undefined);
}

async function inlineVarints(
  { source, signal }: LocateContext,
  pieces: readonly { readonly at: number; readonly end: number }[],
  bytes: number,
  width: number,
  make: MakeLocated,
): Promise<Located> {
  const stored = pieces.reduce((sum, { at, end }) => sum + end - at, 0);
  if (stored > LIMITS.protobufTextBytes)
    return make(
      { kind: 'absent', why: 'its values are written one by one, which is not read at this size' },
      'is written in too many pieces',
    );
  const numbers = new Uint8Array(bytes);
  let count = 0;
  for (const { at, end } of pieces) {
    const found = readVarints(await source.read(at, end, signal), width, numbers, { skip: -count, count: Infinity });
    count += found.count;
    if (found.bytes < end - at) break;
  }
  if (count * width < bytes)
    return make(
      { kind: 'absent', why: 'the file holds fewer numbers than its shape needs' },
      `has ${count} numbers and needs ${bytes / width}`,
    );
  return make(
    { kind: 'inline', bytes: numbers },
    count * width > bytes ? `has ${count} numbers and needs ${bytes / width}` : undefined,
  );
}
