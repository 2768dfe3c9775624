import { throwIfAborted } from '../../base/errors.ts';

/** Headers read at the same time: a server is kept busy, and a hundred shards do not hold a hundred headers in memory. */
const PARALLEL = 8;

/**
 * Starts up to PARALLEL reads ahead and hands their results over in order. `start` gives undefined for what is not to be read.
 *
 * @throws what `start` or `take` throw; `cancelled` between two items.
 */
export async function readAhead<T, R>(
  items: readonly T[],
  start: (item: T) => Promise<R> | undefined,
  take: (item: T, result: R | undefined, position: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const running: (Promise<R> | undefined)[] = [];
  try {
    for (const [i, item] of items.entries()) {
      while (running.length < items.length && running.length < i + PARALLEL)
        running.push(start(items[running.length]!));
      take(item, await running[i], i);
      running[i] = undefined;
      throwIfAborted(signal);
    }
  } finally {
    // What still runs after an error may fail as well; nobody waits for it.
    for (const read of running) read?.catch(() => undefined);
  }
}
