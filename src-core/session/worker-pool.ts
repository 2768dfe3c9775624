/**
 * A pool over workers of any kind: Web Workers in the page, worker threads in the terminal. What differs is how one is begun
 * and spoken to (`TaskWorker`); what is handed out, in which order, and what a cancel does is the same.
 */
import { type ErrorInfo, StateglassError, toErrorInfo } from '../base/errors.ts';
import type { OpenHandleOptions } from '../bytes/open-handle.ts';
import { type ByteSource, isRemote, type SourceHandle } from '../bytes/source.ts';
import { runTask, transferablesOf } from '../compute/run.ts';
import { eachSourceOf, type Task, type TaskKind, type TaskResults } from '../compute/task.ts';
import { openOnce } from './open-once.ts';
import type { Pool, TaskProgress } from './ports.ts';

export type ToTaskWorker =
  | { readonly id: number; readonly task: Task }
  | { readonly id: number; readonly cancel: true };
export type FromTaskWorker =
  | ({ readonly id: number } & Done)
  | ({ readonly id: number; readonly result: TaskResults[TaskKind] } & Done)
  | ({ readonly id: number; readonly error: ErrorInfo } & Done);

/** Since the last message. */
interface Done {
  /** Of elements. */
  readonly bytes: number;
  /** What came from servers for them; of files of this machine, the same as `bytes`. */
  readonly read: number;
}

/** A worker as the pool sees it. */
export interface TaskWorker {
  post(message: ToTaskWorker): void;
  /** Awaited by `close`. */
  end(): unknown;
}

export interface TaskWorkerEvents {
  readonly onMessage: (message: FromTaskWorker) => void;
  /** It ended by itself: nothing more comes from it. */
  readonly onError: (detail: string) => void;
}

export interface WorkerPool extends Pool {
  /** Ends the workers; what is under way is given up. */
  close(): Promise<void>;
}

/** Tasks a worker has in hand, so that it need not wait for the next. */
const IN_HAND = 2;

interface Order {
  readonly id: number;
  readonly task: Task;
  readonly onProgress: TaskProgress | undefined;
  readonly resolve: (result: TaskResults[TaskKind]) => void;
  readonly reject: (error: unknown) => void;
}

interface Member {
  readonly worker: TaskWorker;
  readonly orders: Map<number, Order>;
}

/** At most `size` workers; one is begun when there is something for it to do. */
export function workerPool(size: number, begin: (events: TaskWorkerEvents) => TaskWorker): WorkerPool {
  const members: Member[] = [];
  const waiting: Order[] = [];
  let nextId = 0;

  function addMember(): Member {
    const orders = new Map<number, Order>();
    const worker = begin({
      onMessage: (message) => take(orders, message),
      onError: (detail) => {
        members.splice(members.indexOf(member), 1);
        const info: ErrorInfo = { kind: 'internal', detail: `a worker ended: ${detail}` };
        for (const order of orders.values()) order.reject(new StateglassError(info));
        handOut();
      },
    });
    const member: Member = { worker, orders };
    members.push(member);
    return member;
  }

  function take(orders: Map<number, Order>, message: FromTaskWorker): void {
    const order = orders.get(message.id);
    if (!order) return;
    order.onProgress?.(message.bytes, message.read);
    if (!('result' in message || 'error' in message)) return;
    orders.delete(message.id);
    if ('result' in message) order.resolve(message.result);
    else order.reject(new StateglassError(message.error));
    handOut();
  }

  function handOut(): void {
    while (waiting.length > 0) {
      const idle =
        members.find((member) => member.orders.size === 0) ?? (members.length < size ? addMember() : undefined);
      const member = idle ?? members.reduce((a, b) => (b.orders.size < a.orders.size ? b : a));
      if (member.orders.size >= IN_HAND) return;
      const order = waiting.shift() as Order;
      member.orders.set(order.id, order);
      member.worker.post({ id: order.id, task: order.task });
    }
  }

  function cancel(order: Order): void {
    const place = waiting.indexOf(order);
    if (place >= 0) {
      waiting.splice(place, 1);
      order.reject(new StateglassError({ kind: 'cancelled' }));
      return;
    }
    members.find(({ orders }) => orders.has(order.id))?.worker.post({ id: order.id, cancel: true });
  }

  return {
    size,
    run<Kind extends TaskKind>(task: Task<Kind>, signal?: AbortSignal, onProgress?: TaskProgress) {
      return new Promise<TaskResults[Kind]>((resolve, reject) => {
        const order: Order = {
          id: nextId++,
          task,
          onProgress,
          resolve: (result) => {
            signal?.removeEventListener('abort', onAbort);
            resolve(result as TaskResults[Kind]);
          },
          reject: (error) => {
            signal?.removeEventListener('abort', onAbort);
            reject(error);
          },
        };
        const onAbort = () => cancel(order);
        if (signal?.aborted) {
          reject(new StateglassError({ kind: 'cancelled' }));
          return;
        }
        signal?.addEventListener('abort', onAbort, { once: true });
        waiting.push(order);
        handOut();
      });
    },
    async close() {
      await Promise.all(members.map(({ worker }) => worker.end()));
    },
  };
}

/** As often as a person sees a bar move; a message wakes the other thread. */
const TELL_MS = 50;

/** `openHandle`, or `openNodeHandle`. */
type OpenHandle = (handle: SourceHandle, options: OpenHandleOptions) => Promise<ByteSource>;

/** The worker's side: give it every message that comes. Tasks are done one after the other. */
export function serveTasks(
  openHandle: OpenHandle,
  send: (message: FromTaskWorker, transfer: ArrayBuffer[]) => void,
): (message: ToTaskWorker) => void {
  const cancels = new Map<number, AbortController>();
  let fromServers = 0;
  const open = openOnce((handle) =>
    openHandle(handle, {
      exact: true,
      onBytes: (bytes) => {
        fromServers += bytes;
      },
    }),
  );
  /** The next is here already when one is done. */
  let last: Promise<void> = Promise.resolve();

  async function answer(id: number, task: Task, signal: AbortSignal): Promise<void> {
    const isFar = [...eachSourceOf(task)].some(({ source }) => isRemote(source));
    let bytes = 0;
    let told = performance.now();
    const takeDone = (): Done => {
      const done = { bytes, read: isFar ? fromServers : bytes };
      bytes = 0;
      fromServers = 0;
      told = performance.now();
      return done;
    };
    const onProgress = (more: number) => {
      bytes += more;
      if (performance.now() - told >= TELL_MS) send({ id, ...takeDone() }, []);
    };
    try {
      const result = await runTask(task, open, { signal, onProgress });
      send({ id, ...takeDone(), result }, transferablesOf(result));
    } catch (error) {
      send({ id, ...takeDone(), error: toErrorInfo(error) }, []);
    } finally {
      cancels.delete(id);
    }
  }

  return (message) => {
    if ('cancel' in message) {
      cancels.get(message.id)?.abort();
      return;
    }
    const cancel = new AbortController();
    cancels.set(message.id, cancel);
    last = last.then(() => answer(message.id, message.task, cancel.signal));
  };
}
