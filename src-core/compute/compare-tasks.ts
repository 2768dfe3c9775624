/** The tasks that hold two tensors against each other: both are read side by side, in pieces of equally many elements. */
import { StateglassError } from '../base/errors.ts';
import { PairKernel } from '../tensor/compare-kernel.ts';
import { areAlike, goByBits } from '../tensor/compare-pairs.ts';
import type { ComparePartial } from '../tensor/compare-partial.ts';
import { bitsOf } from '../tensor/dtype.ts';
import type { Numbers } from '../tensor/stats-partial.ts';
import type { OpenSource } from './open-extents.ts';
import { PIECE_BYTES, readElements } from './read-elements.ts';
import type { Operand, RunOptions, Task } from './task.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Of each cell. */
export async function comparePartials(
  task: Task,
  open: OpenSource,
  options: RunOptions,
): Promise<readonly ComparePartial[]> {
  const { numbers, from, to, cell = to - from } = task;
  const other = otherOf(task);
  const partials: ComparePartial[] = [];
  let kernel = new PairKernel(numbers, other.numbers, from);
  let done = 0;
  // The memory that a kernel leaves is the next one's.
  for await (const [a, b, count] of readPairs(task, other, open, options, kernel.rooms)) {
    if (done > 0 && done % cell === 0) {
      partials.push(kernel.partial());
      kernel = new PairKernel(numbers, other.numbers, from + done);
    }
    kernel.add(a, b, count);
    done += count;
  }
  return [...partials, kernel.partial()];
}

/** By bytes as long as they are equal, and by value where other bytes may be the same value. */
export async function areSame(task: Task, open: OpenSource, options: RunOptions): Promise<boolean> {
  const { numbers, from } = task;
  const other = otherOf(task);
  const isAlike = areAlike(numbers, other.numbers);
  const byBits = goByBits(numbers, other.numbers);
  let place = from;
  for await (const [a, b, count] of readPairs(task, other, open, options)) {
    const isEqual = isAlike && areEqualBytes(a, b);
    if (!isEqual && (byBits || hasChange(numbers, other.numbers, place, a, b, count))) return false;
    place += count;
  }
  return true;
}

function hasChange(a: Numbers, b: Numbers, place: number, bytesA: Bytes, bytesB: Bytes, count: number): boolean {
  const kernel = new PairKernel(a, b, place);
  kernel.add(bytesA, bytesB, count);
  return kernel.partial().changed > 0;
}

function areEqualBytes(a: Bytes, b: Bytes): boolean {
  const words = a.length >> 2;
  const [x, y] = [new Uint32Array(a.buffer, a.byteOffset, words), new Uint32Array(b.buffer, b.byteOffset, words)];
  for (let i = 0; i < words; i++) if (x[i] !== y[i]) return false;
  for (let i = words * 4; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

async function* readPairs(
  task: Task,
  other: Operand,
  open: OpenSource,
  { signal, onProgress }: RunOptions,
  rooms: readonly [Bytes, Bytes] = [new Uint8Array(PIECE_BYTES), new Uint8Array(PIECE_BYTES)],
): AsyncGenerator<readonly [Bytes, Bytes, number]> {
  const { from, to } = task;
  const bits = [bitsOf(task.numbers.dtype) ?? 8, bitsOf(other.numbers.dtype) ?? 8] as const;
  const each = Math.floor((rooms[0].length * 8) / Math.max(...bits));
  const room = (side: 0 | 1) => rooms[side].subarray(0, (each * bits[side]) / 8);
  const right = readElements({ ...other, from, to }, open, signal, room(1));
  try {
    for await (const { bytes, count } of readElements(task, open, signal, room(0))) {
      const next = await right.next();
      if (next.done) return;
      yield [bytes, next.value.bytes, count];
      onProgress?.(bytes.length + next.value.bytes.length);
    }
  } finally {
    await right.return(undefined);
  }
}

function otherOf({ other }: Task): Operand {
  if (!other) throw new StateglassError({ kind: 'internal', detail: 'a comparison has two sides' });
  return other;
}
