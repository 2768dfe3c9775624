import { StateglassError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import type { Entry, EntryId, Storage, TensorValue } from '../model/state-dict.ts';
import type { DType } from '../tensor/dtype.ts';
import { formatSlice, parseSlice, type Slice, wholeSlice } from '../tensor/slice.ts';
import { openStorage } from '../tensor/stored.ts';
import { readSlice, type SliceValues } from '../tensor/view.ts';
import { dequantise, type ReadPart } from './dequantise.ts';
import { findEntry } from './describe.ts';
import type { Document } from './document.ts';

/** Numbers of a part of a tensor, with what is needed to show them. */
export interface EntryValues extends SliceValues {
  readonly key: string;
  readonly dtype: DType;
  /** The whole tensor's. */
  readonly tensorShape: readonly number[];
  readonly slice: Slice;
  /** The slice as text: `parseSlice` reads it again. */
  readonly sliceText: string;
  /**
   * Only for quantised tensors. `true`: the values are the stored integers, because they were asked for or because their
   * scales are not known. `false`: they were dequantised.
   */
  readonly raw?: boolean;
}

/**
 * Values of a part of a tensor: a slice as text (`0, :, 2:5`) or parsed, the whole tensor without one. Reads only the bytes
 * that the slice touches. Quantised tensors are dequantised where their scales are known, unless `raw` is asked for.
 *
 * @throws `not-found` for an unknown id and for a tensor without data, `bad-input` for a slice that cannot be read and for an
 * entry that is no tensor, and whatever `readSlice` throws.
 */
export async function readValues(
  document: Document,
  id: EntryId,
  slice?: Slice | string,
  signal?: AbortSignal,
  raw = false,
): Promise<EntryValues> {
  const entry = findEntry(document, id);
  const tensor = tensorOf(entry);
  const { shape, dtype, quant } = tensor;
  const part = typeof slice === 'string' ? parseSlice(slice, shape) : (slice ?? wholeSlice(shape));
  const read: ReadPart = (of, what) =>
    readSlice(of, storageOf(document, of), document.files, what, {
      name: entry.key,
      format: document.state.format,
      signal,
    });
  const found = await read(tensor, part);
  return {
    ...found,
    key: entry.key,
    dtype,
    tensorShape: shape,
    slice: part,
    sliceText: formatSlice(part, shape),
    ...(quant && { raw: raw || !(await dequantise(found, quant, part, read)) }),
  };
}

export function tensorOf(entry: Entry): TensorValue {
  if (entry.value.type !== 'tensor')
    throw new StateglassError({ kind: 'bad-input', detail: `${entry.key} is ${entry.value.type}, not a tensor` });
  if (entry.value.undeclared || entry.value.storage !== undefined || !entry.value.wrapper?.startsWith('sparse'))
    return entry.value;
  throw new StateglassError({
    kind: 'unsupported',
    file: entry.key,
    format: entry.value.wrapper,
    detail: 'values of sparse tensors of this kind are not read',
  });
}

export const storageOf = (document: Pick<Document, 'state'>, { storage }: TensorValue): Storage | undefined =>
  storage === undefined ? undefined : document.state.storages.get(storage);

/**
 * Bytes [start, end) of the storage behind a tensor or a bytes entry, as they are stored: for a hex view.
 *
 * @throws as `readValues`; `bad-input` when the range does not lie in the storage.
 */
export async function readStoredBytes(
  document: Document,
  id: EntryId,
  start: number,
  end: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const { key, value } = findEntry(document, id);
  const storageId = value.type === 'tensor' || value.type === 'bytes' ? value.storage : undefined;
  const storage = storageId === undefined ? undefined : document.state.storages.get(storageId);
  const size = storage?.byteLength ?? 0;
  if (
    storage &&
    !(Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end && end <= size)
  )
    throw new StateglassError({
      kind: 'bad-input',
      detail: `bytes ${start} to ${end} of ${key}, whose storage has ${size}`,
    });
  if (end - start > LIMITS.sliceBytes) {
    throw new StateglassError({
      kind: 'limit',
      file: key,
      limit: 'sliceBytes',
      value: end - start,
      max: LIMITS.sliceBytes,
      detail: 'too many bytes to hold at once',
    });
  }
  const within = { start, end };
  const read = openStorage(storage, document.files, { name: key, format: document.state.format, within });
  return read(start, end, signal);
}
