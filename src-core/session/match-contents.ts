import { throwIfAborted, toErrorInfo } from '../base/errors.ts';
import { type Content, digestValues, groupOf, sampleBoxes, turnBox } from '../diff/content.ts';
import { layoutsOf } from '../diff/layout.ts';
import { matchEqual } from '../diff/match-equal.ts';
import { matchNoisy } from '../diff/match-noisy.ts';
import { matchTexts } from '../diff/match-texts.ts';
import { type OpenPairing, openPairing, type PairOptions } from '../diff/pair.ts';
import { leftRows, type Side } from '../diff/side.ts';
import type { TensorValue, Value } from '../model/state-dict.ts';
import { whyNotDecodable } from '../tensor/decode.ts';
import { bitsOf, familyOf } from '../tensor/dtype.ts';
import { readSlice } from '../tensor/view.ts';
import type { Document } from './document.ts';

/** Values that are read of one tensor, at most. */
const MOST_VALUES = 512;
/** Values held of all of one side: 32 MB. */
const ALL_VALUES = 1 << 22;
const LEAST_VALUES = 64;
/** Tensors read at the same time. */
const READERS = 4;

/** What looking into tensors without a partner reads, before it is read. */
export interface ContentsForecast {
  /** Of both sides together. */
  readonly tensors: number;
  /** Of the values that are read. */
  readonly bytes: number;
}

export interface ContentsOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes read, and in all. */
  readonly onContents?: ((done: number, total: number) => void) | undefined;
}

/**
 * Pairs tensors that have no partner yet by what they hold: a few boxes of each are read, in both files, and only of those whose
 * dimensions occur on the other side too.
 *
 * @throws `cancelled` when the signal fires, `source` when a file cannot be read.
 */
export async function matchContents(
  a: Document,
  b: Document,
  open: OpenPairing,
  { signal, onContents }: ContentsOptions = {},
): Promise<void> {
  const { inA, inB, most, bytes } = planContents(a, b, open);
  if (inA.length === 0 || inB.length === 0) return;
  let done = 0;
  const tell = (read: number) => {
    done += read;
    onContents?.(done, bytes);
  };
  const contentsA = await readContents(a, inA, { most, turned: false, signal, tell });
  const contentsB = await readContents(b, inB, { most, turned: true, signal, tell });
  matchEqual(open, contentsA, contentsB);
  matchNoisy(open, contentsA, contentsB);
}

/**
 * What `compareDocuments` would read to find partners by content. Reads nothing.
 *
 * @throws what `compareDocuments` throws of options.
 */
export function forecastContents(a: Document, b: Document, options: PairOptions = {}): ContentsForecast {
  const open = openPairing(a.state, b.state, options);
  matchTexts(open);
  const { inA, inB, bytes } = planContents(a, b, open);
  return { tensors: inA.length + inB.length, bytes };
}

function planContents(a: Document, b: Document, open: OpenPairing) {
  const [rowsA, rowsB] = [groupRows(a, open.a), groupRows(b, open.b)];
  const shared = (rows: ReadonlyMap<string, readonly number[]>) =>
    [...rows].flatMap(([group, list]) => (rowsA.has(group) && rowsB.has(group) ? list : []));
  const [inA, inB] = [shared(rowsA), shared(rowsB)];
  const most = Math.max(LEAST_VALUES, Math.min(MOST_VALUES, Math.floor(ALL_VALUES / Math.max(inA.length, inB.length))));
  const bytesIn = ({ state }: Document, rows: readonly number[]) =>
    rows.reduce((sum, row) => sum + sampleBytes(state.entries.at(row).value as TensorValue, most), 0);
  return { inA, inB, most, bytes: bytesIn(a, inA) + bytesIn(b, inB) };
}

function sampleBytes({ shape, dtype }: TensorValue, most: number): number {
  const elements = sampleBoxes(shape, most).reduce((sum, box) => sum + box.reduce((n, { count }) => n * count, 1), 0);
  return Math.ceil((elements * (bitsOf(dtype) ?? 8)) / 8);
}

/** Free rows of tensors whose numbers can be read, by what could be the same. */
function groupRows({ state }: Document, side: Side): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const row of leftRows(side)) {
    const value = readableTensor(state.entries.at(row).value);
    if (!value || !hasData({ state }, value)) continue;
    const group = groupOf(familyOf(value.dtype), value.shape);
    const rows = groups.get(group) ?? [];
    rows.push(row);
    groups.set(group, rows);
  }
  return groups;
}

const readableTensor = (value: Value): TensorValue | undefined =>
  value.type === 'tensor' && !value.undeclared && whyNotDecodable(value.dtype) === undefined && !value.shape.includes(0)
    ? value
    : undefined;

function hasData({ state }: Pick<Document, 'state'>, { storage }: TensorValue): boolean {
  const found = storage === undefined ? undefined : state.storages.get(storage);
  return found !== undefined && found.data.kind !== 'absent';
}

interface Reading {
  readonly most: number;
  /** Whether values are taken in other orders of axes too. */
  readonly turned: boolean;
  readonly signal: AbortSignal | undefined;
  tell(bytes: number): void;
}

async function readContents(document: Document, rows: readonly number[], how: Reading): Promise<Content[]> {
  const contents = new Array<Content | undefined>(rows.length);
  let next = 0;
  const work = async () => {
    while (next < rows.length) {
      throwIfAborted(how.signal);
      const at = next++;
      contents[at] = await readContent(document, rows[at]!, how).catch(passDamage);
      how.tell(sampleBytes(document.state.entries.at(rows[at]!).value as TensorValue, how.most));
    }
  };
  await Promise.all(Array.from({ length: READERS }, work));
  return contents.filter((content) => content !== undefined);
}

/** Damage of one tensor is told where its values are asked for; it stops no other from being found. */
function passDamage(error: unknown): undefined {
  const { kind } = toErrorInfo(error);
  if (kind !== 'malformed' && kind !== 'unsupported' && kind !== 'limit' && kind !== 'not-found') throw error;
  return undefined;
}

async function readContent(
  { state, files }: Document,
  row: number,
  { most, turned, signal }: Reading,
): Promise<Content> {
  const { key, value } = state.entries.at(row);
  const tensor = value as TensorValue;
  const { shape, dtype } = tensor;
  const storage = tensor.storage === undefined ? undefined : state.storages.get(tensor.storage);
  const boxes = sampleBoxes(shape, most);
  const read: { readonly values: Float64Array; readonly shape: readonly number[]; readonly width: number }[] = [];
  for (const box of boxes) {
    const slice = box.map(({ start, count }) => ({ kind: 'range' as const, start, count, step: 1 }));
    const found = await readSlice(tensor, storage, files, slice, { name: key, format: state.format, signal });
    const values = found.values instanceof Float64Array ? found.values : Float64Array.from(found.values, Number);
    read.push({ values, shape: found.shape, width: found.complex ? 2 : 1 });
  }
  const readings: Content['readings'][number][] = [];
  for (const axes of [undefined, ...(turned ? layoutsOf(shape.length) : [])]) {
    const values = join(read.map((box) => (axes ? turnBox(box.values, box.shape, axes, box.width) : box.values)));
    readings.push({
      ...(axes && { axes }),
      shape: axes ? axes.map((axis) => shape[axis]!) : shape,
      values,
      digest: digestValues(values),
    });
  }
  const isWhole = boxes.length === 1 && boxes[0]!.every(({ count }, axis) => count === shape[axis]);
  return { row, group: groupOf(familyOf(dtype), shape), readings, isWhole };
}

function join(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
