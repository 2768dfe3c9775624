import { throwIfAborted } from '../base/errors.ts';
import { joinTasks } from '../compute/plan.ts';
import type { Task, TaskKind, TaskResults } from '../compute/task.ts';
import type { Pool } from './ports.ts';

export interface RunPlanOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes of elements done since the last call. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** Tasks whose results make one thing. */
export interface Job<Kind extends TaskKind> {
  readonly tasks: readonly Task<Kind>[];
}

/**
 * Runs the tasks of all jobs as one list and takes their results in the order of the tasks, whatever order they are done in;
 * `end` is told of each job after its last result (at its turn, for one without tasks). A few more tasks than the pool does
 * at once are under way, so that no worker waits; no more, so that results do not pile up.
 */
export async function runJobs<Kind extends TaskKind, J extends Job<Kind>>(
  jobs: readonly J[],
  pool: Pool,
  take: (job: J, result: TaskResults[Kind]) => void,
  end: (job: J) => void | Promise<void>,
  { signal, onProgress }: RunPlanOptions = {},
): Promise<void> {
  const underWay: Promise<TaskResults[Kind]>[] = [];
  // Ends the others when one fails.
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  let job = 0;
  let left = jobs[0]?.tasks.length ?? 0;
  const endJobs = async () => {
    while (left === 0 && job < jobs.length) {
      await end(jobs[job++] as J);
      left = jobs[job]?.tasks.length ?? 0;
    }
  };
  const settle = async () => {
    take(jobs[job] as J, await (underWay.shift() as Promise<TaskResults[Kind]>));
    left--;
    await endJobs();
  };
  try {
    await endJobs();
    for (const task of eachTask<Kind>(jobs)) {
      throwIfAborted(signal);
      const result = pool.run(task, either, onProgress);
      result.catch(() => undefined);
      underWay.push(result);
      if (underWay.length > 2 * pool.size) await settle();
    }
    while (underWay.length > 0) await settle();
  } catch (error) {
    stop.abort();
    await Promise.allSettled(underWay);
    throwIfAborted(signal);
    throw error;
  }
}

function* eachTask<Kind extends TaskKind>(jobs: readonly Job<Kind>[]): Generator<Task<Kind>> {
  for (const { tasks } of jobs) yield* tasks;
}

/** Few tasks where there is much to do, and enough of them that no worker is left waiting at the end. */
const MOST_CELLS = 4;
const TASKS_EACH = 4;

/** The same jobs in as few tasks as is good. */
export function joinCells<Kind extends 'stats' | 'compare' | 'same', J extends Job<Kind>>(
  jobs: readonly J[],
  { size }: Pool,
): readonly J[] {
  const cells = jobs.reduce((sum, { tasks }) => sum + tasks.length, 0);
  const together = Math.min(MOST_CELLS, Math.floor(cells / (TASKS_EACH * size)));
  return together > 1 ? jobs.map((job) => ({ ...job, tasks: joinTasks(job.tasks, together) })) : jobs;
}

/** Tells of bytes done, and of all there are, from bytes done since the last call. */
export function sumProgress(
  total: number,
  onProgress: ((done: number, total: number) => void) | undefined,
): ((bytes: number) => void) | undefined {
  if (!onProgress) return undefined;
  let done = 0;
  onProgress(0, total);
  return (bytes) => {
    done += bytes;
    onProgress(done, total);
  };
}
