import { type ErrorInfo, toErrorInfo } from '../../src-core/index.ts';

/** What whoever shows such parts needs beside them. */
export interface WindowReads {
  /** Why the last read failed; nothing more is read until `retry`. */
  error(): ErrorInfo | undefined;
  retry(): void;
  /** Stops all reads. A later `want` begins again. */
  stop(): void;
  /** Told when a part has come, or a read has failed. */
  subscribe(listener: () => void): () => void;
}

/** Parts of something too large to hold: those in sight, those around them, and the last ones seen. */
export interface WindowCache<T> {
  get(key: string): T | undefined;
  /** Reads what is in sight, then what is near it. What is neither any more is not waited for. */
  want(inSight: readonly string[], near: readonly string[]): void;
  readonly reads: WindowReads;
}

interface CacheOptions<T> {
  read(key: string, signal: AbortSignal): Promise<T>;
  /** Parts kept. */
  readonly keep: number;
  /** Waited for between what is in sight and what is near it: drawing the one comes before reading the other. */
  readonly rest?: () => Promise<void>;
}

/** Parts near what is in sight that are read at the same time: what comes into sight next must not wait long behind them. */
const NEAR_AT_ONCE = 2;

export function windowCache<T>({ read, keep, rest }: CacheOptions<T>): WindowCache<T> {
  const listeners = new Set<() => void>();
  const onChange = () => {
    for (const listener of listeners) listener();
  };
  /** In the order of their last use. */
  const parts = new Map<string, T>();
  const reading = new Map<string, AbortController>();
  let wanted: readonly string[] = [];
  let around: readonly string[] = [];
  let failure: ErrorInfo | undefined;
  let isResting = false;

  const start = async (key: string): Promise<void> => {
    const controller = new AbortController();
    reading.set(key, controller);
    try {
      const part = await read(key, controller.signal);
      if (controller.signal.aborted) return;
      parts.set(key, part);
      for (const oldest of parts.keys()) {
        if (parts.size <= keep) break;
        parts.delete(oldest);
      }
    } catch (error) {
      if (controller.signal.aborted) return;
      failure = toErrorInfo(error);
    }
    reading.delete(key);
    if (rest && wanted.includes(key)) {
      isResting = true;
      void rest().then(() => {
        isResting = false;
        go();
      });
    }
    onChange();
    go();
  };

  const go = (): void => {
    if (failure) return;
    const missing = (key: string) => !parts.has(key) && !reading.has(key);
    for (const key of wanted.filter(missing)) void start(key);
    if (isResting || wanted.some((key) => reading.has(key))) return;
    for (const key of around.filter(missing).slice(0, Math.max(0, NEAR_AT_ONCE - reading.size))) void start(key);
  };

  const dropReads = (isWanted: (key: string) => boolean): void => {
    for (const [key, controller] of reading) {
      if (isWanted(key)) continue;
      controller.abort();
      reading.delete(key);
    }
  };

  return {
    get: (key) => parts.get(key),
    want(inSight, near) {
      wanted = inSight;
      around = near;
      const all = new Set([...inSight, ...near]);
      dropReads((key) => all.has(key));
      for (const key of inSight) {
        const part = parts.get(key);
        if (part === undefined) continue;
        parts.delete(key);
        parts.set(key, part);
      }
      go();
    },
    reads: {
      error: () => failure,
      retry() {
        failure = undefined;
        onChange();
        go();
      },
      stop() {
        wanted = [];
        around = [];
        dropReads(() => false);
      },
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  };
}
