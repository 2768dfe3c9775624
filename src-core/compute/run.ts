import { bitsOf } from '../tensor/dtype.ts';
import { makeKernel } from '../tensor/stats-kernel.ts';
import { RowKernel } from '../tensor/stats-rows.ts';
import { type OpenSource, readElements } from './read-elements.ts';
import type { Task, TaskKind, TaskResults } from './task.ts';

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes of elements done since the last call. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

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
    case 'stats': {
      const kernel = makeKernel(task.numbers, task.from);
      await take((bytes, count) => kernel.add(bytes, count), kernel.room);
      return kernel.partial();
    }
    case 'rows': {
      const rowLength = task.rowLength ?? 1;
      const kernel = new RowKernel(task.numbers, task.from, (task.to - task.from) / rowLength, rowLength);
      await take((bytes, count) => kernel.add(bytes, count));
      return kernel.result();
    }
    case 'digest': {
      const all = new Uint8Array(Math.ceil(((task.to - task.from) * (bitsOf(task.numbers.dtype) ?? 8)) / 8));
      await take(() => undefined, all);
      return new Uint8Array(await crypto.subtle.digest('SHA-256', all));
    }
  }
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
  if ('counts' in result) {
    const { codes, counts } = result.counts;
    return codes ? [codes.buffer, counts.buffer] : [counts.buffer];
  }
  return Object.values(result).flatMap((column) => (ArrayBuffer.isView(column) ? [column.buffer as ArrayBuffer] : []));
}
