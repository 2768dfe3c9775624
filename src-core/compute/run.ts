import { countLosses, joinLosses, NO_LOSSES } from '../tensor/cast-losses.ts';
import type { ComparePartial } from '../tensor/compare-partial.ts';
import { bitsOf } from '../tensor/dtype.ts';
import { makeKernel } from '../tensor/stats-kernel.ts';
import type { StatsPartial } from '../tensor/stats-partial.ts';
import { RowKernel } from '../tensor/stats-rows.ts';
import { areSame, comparePartials } from './compare-tasks.ts';
import type { OpenSource } from './open-extents.ts';
import { readElements } from './read-elements.ts';
import type { RunOptions, Task, TaskKind, TaskResults } from './task.ts';

export type { RunOptions } from './task.ts';

/** Does a task. The result depends on the task and its bytes alone. */
export async function runTask<Kind extends TaskKind>(
  task: Task<Kind>,
  open: OpenSource,
  options: RunOptions = {},
): Promise<TaskResults[Kind]> {
  // The compiler does not follow a generic union: each case gives the result its kind names.
  return (await runKind(task, open, options)) as TaskResults[Kind];
}

async function runKind(task: Task, open: OpenSource, options: RunOptions): Promise<TaskResults[TaskKind]> {
  const take = (add: Take, room?: Uint8Array<ArrayBuffer>) => eachPiece(task, open, options, add, room);
  switch (task.kind) {
    case 'stats':
      return runCells(task, take);
    case 'rows': {
      const rowLength = task.rowLength ?? 1;
      const kernel = new RowKernel(task.numbers, task.from, (task.to - task.from) / rowLength, rowLength);
      await take((bytes, count) => kernel.add(bytes, count));
      return kernel.result();
    }
    case 'cast': {
      let losses = NO_LOSSES;
      const { numbers, cast = numbers.dtype } = task;
      await take((bytes, count) => {
        losses = joinLosses(losses, countLosses(numbers.dtype, cast, bytes, count));
      });
      return losses;
    }
    case 'digest': {
      const all = new Uint8Array(Math.ceil(((task.to - task.from) * (bitsOf(task.numbers.dtype) ?? 8)) / 8));
      await take(() => undefined, all);
      return new Uint8Array(await crypto.subtle.digest('SHA-256', all));
    }
    case 'compare':
      return comparePartials(task, open, options);
    case 'same':
      return areSame(task, open, options);
  }
}

/** A kernel after the other: pieces end where cells do, and the memory that a kernel leaves is the next one's. */
async function runCells(
  { numbers, from, to, cell = to - from }: Task,
  take: (add: Take, room: Uint8Array<ArrayBuffer> | undefined) => Promise<void>,
): Promise<readonly StatsPartial[]> {
  const partials: StatsPartial[] = [];
  let kernel = makeKernel(numbers, from);
  let done = 0;
  const add: Take = (bytes, count) => {
    if (done > 0 && done % cell === 0) {
      partials.push(kernel.partial());
      kernel = makeKernel(numbers, from + done);
    }
    kernel.add(bytes, count);
    done += count;
  };
  await take(add, kernel.room);
  return [...partials, kernel.partial()];
}

type Take = (bytes: Uint8Array<ArrayBuffer>, count: number) => void;

async function eachPiece(
  task: Task,
  open: OpenSource,
  { signal, onProgress }: RunOptions,
  add: Take,
  room?: Uint8Array<ArrayBuffer>,
): Promise<void> {
  for await (const { bytes, count } of readElements(task, open, signal, room)) {
    add(bytes, count);
    onProgress?.(bytes.length);
  }
}

/** Buffers of a result that may be handed over to another thread instead of copied. */
export function transferablesOf(result: TaskResults[TaskKind]): ArrayBuffer[] {
  if (result instanceof Uint8Array) return [result.buffer];
  if (result === true || result === false) return [];
  if (isPartials(result))
    return result.flatMap(({ counts: { codes, counts } }) => (codes ? [codes.buffer, counts.buffer] : [counts.buffer]));
  return Object.values(result).flatMap((column) => (ArrayBuffer.isView(column) ? [column.buffer as ArrayBuffer] : []));
}

const isPartials = (result: TaskResults[TaskKind]): result is readonly (StatsPartial | ComparePartial)[] =>
  Array.isArray(result);
