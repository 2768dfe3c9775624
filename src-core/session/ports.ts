import type { Task, TaskKind, TaskResults } from '../compute/task.ts';

/** What differs between page and terminal. */

/** Does tasks: Web Workers in the page, worker threads in the terminal, one after the other in tests. */
export interface Pool {
  /** Tasks done at the same time. */
  readonly size: number;
  /**
   * Any number of tasks may be given at once; they are begun in that order. Rejects with `cancelled` when the signal fires.
   * `onProgress` is told bytes of elements done since its last call.
   */
  run<Kind extends TaskKind>(
    task: Task<Kind>,
    signal?: AbortSignal,
    onProgress?: (bytes: number) => void,
  ): Promise<TaskResults[Kind]>;
}
