import type { SourceHandle } from '../bytes/source.ts';
import type { Task, TaskKind, TaskResults } from '../compute/task.ts';

/** What differs between page and terminal. */

export type TaskProgress = (bytes: number, read: number) => void;

/** Does tasks: Web Workers in the page, worker threads in the terminal, one after the other in tests. */
export interface Pool {
  /** Tasks done at the same time. */
  readonly size: number;
  /**
   * Any number of tasks may be given at once; they are begun in that order. Rejects with `cancelled` when the signal fires.
   * `onProgress` is told bytes of elements done, and bytes read for them, since its last call.
   */
  run<Kind extends TaskKind>(
    task: Task<Kind>,
    signal?: AbortSignal,
    onProgress?: TaskProgress,
  ): Promise<TaskResults[Kind]>;
}

/** Bytes [start, end) of a source. */
export interface SourceRange {
  readonly source: SourceHandle;
  readonly start: number;
  readonly end: number;
}

/** Takes a file that is written: a list of Blobs in the page, a file in the terminal. */
export interface Sink {
  /**
   * Bytes for place `at`: one after the other from 0, but that room left out is filled at the end. The array is the caller's
   * again afterwards.
   */
  write(at: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Takes ranges, one after the other, for place `at` without their being read. False when it cannot: they are written then. */
  copy?(at: number, ranges: readonly SourceRange[]): boolean;
}
