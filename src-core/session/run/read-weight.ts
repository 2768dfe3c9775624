/** Tensors of the file as the f32 a graph takes. */
import { throwIfAborted } from '../../base/errors.ts';
import type { EntryId, Storage, TensorValue } from '../../model/state-dict.ts';
import { asNumbers } from '../../tensor/blocks.ts';
import { decodeTable } from '../../tensor/decode.ts';
import { isContiguous } from '../../tensor/dense-range.ts';
import { bitsOf, countElements, type DType } from '../../tensor/dtype.ts';
import { openStorage } from '../../tensor/stored.ts';
import { findEntry } from '../describe.ts';
import type { Document } from '../document.ts';
import { cutBands } from '../read-bands.ts';
import { readValues, storageOf, tensorOf } from '../values.ts';

type Weight = Float32Array<ArrayBuffer>;

/** Elements held as f64 on their way: 32 MB. */
const BAND_ELEMENTS = 2 ** 22;
/** Elements of one read, and reads on their way at once: this is how browsers read files fastest. */
const RANGE_ELEMENTS = 2 ** 22;
const READERS = 4;

/**
 * All elements of a tensor in C order as f32: narrower floats are exact, quantised tensors are dequantised, wider numbers are rounded.
 *
 * @throws as `readValues`; `unsupported` for complex numbers.
 */
export async function readWeight(document: Document, row: EntryId, signal?: AbortSignal): Promise<Weight> {
  const kept = tensorOf(findEntry(document, row));
  const { value: tensor, storage } = asNumbers(kept, storageOf(document, kept));
  const weight = new Float32Array(countElements(tensor.shape));
  const widen = widenerOf(tensor.dtype);
  if (widen && isPlain(tensor, storage)) await readPlain(document, row, { tensor, storage, weight, widen }, signal);
  else await readThroughNumbers(document, row, tensor, weight, signal);
  return weight;
}

/** Puts stored bytes into a weight, from an element on. */
type Widen = (bytes: Uint8Array<ArrayBuffer>, weight: Weight, at: number) => void;

/** Of f32, and of types with few enough codes to list. */
function widenerOf(dtype: DType): Widen | undefined {
  if (dtype === 'f32') return (bytes, weight, at) => new Uint8Array(weight.buffer, 4 * at, bytes.length).set(bytes);
  const table = decodeTable(dtype);
  if (!table) return undefined;
  const numbers = Float32Array.from(table);
  const width = (bitsOf(dtype) as number) / 8;
  return (bytes, weight, at) => {
    const { buffer, byteOffset, length } = bytes.byteOffset % width === 0 ? bytes : bytes.slice();
    const codes = width === 1 ? bytes : new Uint16Array(buffer, byteOffset, length / 2);
    for (let i = 0; i < codes.length; i++) weight[at + i] = numbers[codes[i]!]!;
  };
}

/** Numbers that lie side by side in this machine's byte order, as they are meant. */
function isPlain(tensor: TensorValue, storage: Storage | undefined): boolean {
  if (storage?.endian !== 'little' || tensor.negative || tensor.quant || !isContiguous(tensor)) return false;
  const last = tensor.offset + countElements(tensor.shape);
  return tensor.offset >= 0 && (last * (bitsOf(tensor.dtype) as number)) / 8 <= storage.byteLength;
}

interface PlainRead {
  readonly tensor: TensorValue;
  readonly storage: Storage | undefined;
  readonly weight: Weight;
  readonly widen: Widen;
}

async function readPlain(
  document: Document,
  row: EntryId,
  { tensor, storage, weight, widen }: PlainRead,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { key: name } = findEntry(document, row);
  const width = (bitsOf(tensor.dtype) as number) / 8;
  let next = 0;
  const readRanges = async () => {
    while (next < weight.length) {
      throwIfAborted(signal);
      const from = next;
      next = Math.min(weight.length, from + RANGE_ELEMENTS);
      const [start, end] = [(tensor.offset + from) * width, (tensor.offset + next) * width];
      const within = { start, end };
      const read = openStorage(storage, document.files, { name, format: document.state.format, within });
      widen(await read(start, end, signal), weight, from);
    }
  };
  await Promise.all(Array.from({ length: READERS }, readRanges));
}

async function readThroughNumbers(
  document: Document,
  row: EntryId,
  { shape }: TensorValue,
  weight: Weight,
  signal: AbortSignal | undefined,
): Promise<void> {
  let at = 0;
  for (const band of cutBands(shape, BAND_ELEMENTS)) {
    throwIfAborted(signal);
    const { values } = await readValues(document, row, band, signal);
    if (values instanceof Float64Array) weight.set(values, at);
    else for (let i = 0; i < values.length; i++) weight[at + i] = Number(values[i]);
    at += values.length;
  }
}
