/** Tensors of the file as the f32 a graph takes. */
import { throwIfAborted } from '../../base/errors.ts';
import type { EntryId, Storage, TensorValue } from '../../model/state-dict.ts';
import { asNumbers } from '../../tensor/blocks.ts';
import { isContiguous } from '../../tensor/dense-range.ts';
import { bitsOf, countElements } from '../../tensor/dtype.ts';
import { openStorage } from '../../tensor/stored.ts';
import { findEntry } from '../describe.ts';
import type { Document } from '../document.ts';
import { cutBands } from '../read-bands.ts';
import { readValues, storageOf, tensorOf } from '../values.ts';
import { putNumbers, splitChange } from './number-change.ts';
import { type Widen, widenerOf } from './widen.ts';

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
  const entry = findEntry(document, row);
  const kept = tensorOf(entry);
  const { value: tensor, storage } = asNumbers(kept, storageOf(document, kept));
  const found = storage && (await readBytes({ document, name: entry.key, signal }, tensor, storage));
  return found ?? readThroughNumbers(document, row, tensor, signal);
}

interface Reading {
  readonly document: Document;
  /** For errors. */
  readonly name: string;
  readonly signal: AbortSignal | undefined;
}

/** Bytes, widened in one pass; undefined where they cannot be taken as they lie. */
async function readBytes(reading: Reading, value: TensorValue, storage: Storage): Promise<Weight | undefined> {
  const changed = splitChange(value, storage);
  if (changed) {
    const weight = await readBytes(reading, changed.root.value, changed.root.storage);
    if (weight) putNumbers(weight, changed.change);
    return weight;
  }
  const widen = widenerOf(value.dtype);
  if (!widen) return undefined;
  if (isPlain(value, storage)) return readPlain(reading, value, storage, widen);
  const turned = turnMatrices(value);
  if (!turned || !isPlain(turned, storage)) return undefined;
  return transpose(await readPlain(reading, turned, storage, widen), turned.shape);
}

/** With its last two axes exchanged: it may lie so. */
function turnMatrices(value: TensorValue): TensorValue | undefined {
  const { shape, strides } = value;
  if (!strides || shape.length < 2) return undefined;
  const turn = (of: readonly number[]) => [...of.slice(0, -2), of.at(-1)!, of.at(-2)!];
  return { ...value, shape: turn(shape), strides: turn(strides) };
}

/** Elements of a side of what is turned at once: rows and columns both stay in the cache. */
const TILE = 32;

function transpose(from: Weight, shape: readonly number[]): Weight {
  const [rows = 1, columns = 1] = shape.slice(-2);
  const to = new Float32Array(from.length);
  for (let at = 0; at < from.length; at += rows * columns) {
    for (let top = 0; top < rows; top += TILE) {
      for (let left = 0; left < columns; left += TILE) {
        const [bottom, right] = [Math.min(rows, top + TILE), Math.min(columns, left + TILE)];
        for (let row = top; row < bottom; row++)
          for (let column = left; column < right; column++)
            to[at + column * rows + row] = from[at + row * columns + column]!;
      }
    }
  }
  return to;
}

/** Numbers that lie side by side in this machine's byte order, as they are meant. */
function isPlain(value: TensorValue, { endian, byteLength }: Storage): boolean {
  if (endian !== 'little' || value.negative || value.quant || !isContiguous(value)) return false;
  const last = value.offset + countElements(value.shape);
  return value.offset >= 0 && (last * (bitsOf(value.dtype) as number)) / 8 <= byteLength;
}

async function readPlain(
  { document, name, signal }: Reading,
  { dtype, shape, offset }: TensorValue,
  storage: Storage,
  widen: Widen,
): Promise<Weight> {
  const weight = new Float32Array(countElements(shape));
  const width = (bitsOf(dtype) as number) / 8;
  let next = 0;
  const readRanges = async () => {
    while (next < weight.length) {
      throwIfAborted(signal);
      const from = next;
      next = Math.min(weight.length, from + RANGE_ELEMENTS);
      const [start, end] = [(offset + from) * width, (offset + next) * width];
      const within = { start, end };
      const read = openStorage(storage, document.files, { name, format: document.state.format, within });
      widen(await read(start, end, signal), weight, from);
    }
  };
  await Promise.all(Array.from({ length: READERS }, readRanges));
  return weight;
}

async function readThroughNumbers(
  document: Document,
  row: EntryId,
  { shape }: TensorValue,
  signal: AbortSignal | undefined,
): Promise<Weight> {
  const weight = new Float32Array(countElements(shape));
  let at = 0;
  for (const band of cutBands(shape, BAND_ELEMENTS)) {
    throwIfAborted(signal);
    const { values } = await readValues(document, row, band, signal);
    if (values instanceof Float64Array) weight.set(values, at);
    else for (let i = 0; i < values.length; i++) weight[at + i] = Number(values[i]);
    at += values.length;
  }
  return weight;
}
