import { throwIfAborted } from '../base/errors.ts';
import { componentsOf, readSubByte } from '../tensor/decode.ts';
import { swapBytes } from '../tensor/dense-range.ts';
import { bitsOf } from '../tensor/dtype.ts';
import { eachRun, hasWholeBytes, isAscending, isDense, spanOf, type Walk } from '../tensor/walk.ts';
import { ByteFeed } from './byte-feed.ts';
import { type OpenSource, openExtents, type Part, readBytes, spansOf } from './open-extents.ts';
import type { Operand, Task } from './task.ts';

export interface Piece {
  /** Little-endian, densely packed. Good until the next piece is asked for. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly count: number;
}

/** A piece is still in the second cache when it is computed on. A multiple of every kernel's block. */
export const PIECE_BYTES = 2 ** 17;
/** Runs nearer than this are fetched together with what lies between them. */
const GAP_BYTES = 64 * 1024;
const BATCH_BYTES = 4 * 2 ** 20;

/**
 * The elements of a task, in its order, in pieces whose sizes depend on nothing but the task and the room for them: where
 * that is given, every piece is put there.
 */
export async function* readElements(
  task: Operand & Pick<Task, 'from' | 'to'>,
  open: OpenSource,
  signal?: AbortSignal,
  room?: Uint8Array<ArrayBuffer>,
): AsyncGenerator<Piece> {
  const { walk, from, to, numbers } = task;
  const bits = bitsOf(numbers.dtype) ?? 8;
  const swapWidth = task.storage.endian === 'big' ? Math.max(1, bits / 8 / componentsOf(numbers.dtype)) : 1;
  const storage = await openExtents(task.storage, open, signal);
  const bytes = Math.ceil(((to - from) * bits) / 8);
  const into = room?.subarray(0, bytes) ?? new Uint8Array(Math.min(PIECE_BYTES, bytes));
  const pieces = !hasWholeBytes(walk, bits)
    ? gatherCodes(storage, walk, bits, into, signal)
    : isDense(walk)
      ? readDense(storage, ((walk.start + from) * bits) / 8, to - from, bits, into, signal)
      : gatherRuns(storage, walk, from, to, bits / 8, into, signal);
  for await (const piece of pieces) {
    throwIfAborted(signal);
    if (swapWidth > 1) swapBytes(piece.bytes, swapWidth);
    yield piece;
  }
}

async function* readDense(
  parts: readonly Part[],
  start: number,
  count: number,
  bits: number,
  into: Uint8Array<ArrayBuffer>,
  signal?: AbortSignal,
): AsyncGenerator<Piece> {
  const feed = new ByteFeed(spansOf(parts, start, start + Math.ceil((count * bits) / 8)), signal);
  const step = (into.length * 8) / bits;
  try {
    for (let left = count; left > 0; left -= step) {
      const got = await feed.fill(into);
      yield { bytes: into.subarray(0, got), count: Math.min(step, left) };
    }
  } finally {
    feed.close();
  }
}

/** Elements with gaps between them, moved together. */
async function* gatherRuns(
  parts: readonly Part[],
  walk: Walk,
  from: number,
  to: number,
  width: number,
  dense: Uint8Array<ArrayBuffer>,
  signal?: AbortSignal,
): AsyncGenerator<Piece> {
  const read = (start: number, end: number) => readBytes(parts, start, end, signal);
  const isInOrder = isAscending(walk);
  const [low, high] = spanOf(walk);
  let batch = isInOrder ? new Uint8Array() : await read(low * width, high * width);
  let batchStart = low * width;
  const starts: number[] = [];
  const lengths: number[] = [];
  let filled = 0;
  let waiting = 0;
  const settle = async () => {
    if (starts.length === 0) return;
    if (isInOrder) {
      batchStart = starts[0]!;
      batch = await read(batchStart, starts.at(-1)! + lengths.at(-1)!);
    }
    for (let i = 0; i < starts.length; i++) {
      copyBytes(batch, starts[i]! - batchStart, dense, filled, lengths[i]!);
      filled += lengths[i]!;
    }
    starts.length = 0;
    lengths.length = 0;
    waiting = 0;
  };
  for (const run of eachRun(walk, from, to)) {
    for (let done = 0; done < run.length; ) {
      const start = (run.at + done) * width;
      const room = dense.length - filled - waiting;
      const length = Math.min((run.length - done) * width, room);
      const isFar =
        isInOrder &&
        starts.length > 0 &&
        (start - starts.at(-1)! - lengths.at(-1)! > GAP_BYTES || start + length - starts[0]! > BATCH_BYTES);
      if (isFar) await settle();
      starts.push(start);
      lengths.push(length);
      waiting += length;
      done += length / width;
      if (filled + waiting === dense.length) {
        await settle();
        yield { bytes: dense, count: dense.length / width };
        filled = 0;
      }
    }
  }
  await settle();
  if (filled > 0) yield { bytes: dense.subarray(0, filled), count: filled / width };
}

/** Elements of less than a byte with gaps between them, or from the middle of a byte on: packed anew, the first in the lowest bits. */
async function* gatherCodes(
  parts: readonly Part[],
  walk: Walk,
  bits: number,
  dense: Uint8Array<ArrayBuffer>,
  signal?: AbortSignal,
): AsyncGenerator<Piece> {
  const [low, high] = spanOf(walk);
  const start = Math.floor((low * bits) / 8);
  const bytes = await readBytes(parts, start, Math.ceil((high * bits) / 8), signal);
  const first = (start * 8) / bits;
  const room = (dense.length * 8) / bits;
  let count = 0;
  dense.fill(0);
  for (const { at, length } of eachRun(walk, 0, walk.count)) {
    for (let i = 0; i < length; i++) {
      dense[Math.floor((count * bits) / 8)]! |= readSubByte(bytes, at + i - first, bits) << ((count * bits) % 8);
      count++;
      if (count < room) continue;
      yield { bytes: dense, count };
      dense.fill(0);
      count = 0;
    }
  }
  if (count > 0) yield { bytes: dense.subarray(0, Math.ceil((count * bits) / 8)), count };
}

/** A call of `set` costs more than moving a few bytes by hand. */
function copyBytes(from: Uint8Array, start: number, to: Uint8Array, at: number, length: number): void {
  if (length > 32) to.set(from.subarray(start, start + length), at);
  else for (let i = 0; i < length; i++) to[at + i] = from[start + i]!;
}
