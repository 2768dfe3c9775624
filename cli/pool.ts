import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import {
  type ErrorInfo,
  type Pool,
  StateglassError,
  type Task,
  type TaskKind,
  type TaskResults,
} from '../src-core/index.ts';

export type ToWorker = { readonly id: number; readonly task: Task } | { readonly id: number; readonly cancel: true };
export type FromWorker =
  | { readonly id: number; readonly bytes: number }
  | { readonly id: number; readonly result: TaskResults[TaskKind] }
  | { readonly id: number; readonly error: ErrorInfo };

/** Tasks a worker has in hand, so that it need not wait for the next. */
const IN_HAND = 2;

interface Order {
  readonly id: number;
  readonly task: Task;
  readonly onProgress: ((bytes: number) => void) | undefined;
  readonly resolve: (result: TaskResults[TaskKind]) => void;
  readonly reject: (error: unknown) => void;
}

interface Member {
  readonly worker: Worker;
  readonly orders: Map<number, Order>;
}

export interface ThreadPool extends Pool {
  /** Ends the threads; what is under way is given up. */
  close(): Promise<void>;
}

/** Worker threads, one for each core unless told otherwise; a thread starts when there is something for it to do. */
export function threadPool(size: number = availableParallelism()): ThreadPool {
  const members: Member[] = [];
  const waiting: Order[] = [];
  let nextId = 0;

  function addMember(): Member {
    // The compiled worker lies beside the compiled command.
    const member: Member = { worker: new Worker(new URL('./cli-worker.mjs', import.meta.url)), orders: new Map() };
    member.worker.on('message', (message: FromWorker) => take(member, message));
    member.worker.on('error', (error) => {
      members.splice(members.indexOf(member), 1);
      const info: ErrorInfo = { kind: 'internal', detail: `a worker thread ended: ${error.message}` };
      for (const order of member.orders.values()) order.reject(new StateglassError(info));
    });
    members.push(member);
    return member;
  }

  function take(member: Member, message: FromWorker): void {
    const order = member.orders.get(message.id);
    if (!order) return;
    if ('bytes' in message) {
      order.onProgress?.(message.bytes);
      return;
    }
    member.orders.delete(message.id);
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
      member.worker.postMessage({ id: order.id, task: order.task } satisfies ToWorker);
    }
  }

  function cancel(order: Order): void {
    const place = waiting.indexOf(order);
    if (place >= 0) {
      waiting.splice(place, 1);
      order.reject(new StateglassError({ kind: 'cancelled' }));
      return;
    }
    const member = members.find(({ orders }) => orders.has(order.id));
    member?.worker.postMessage({ id: order.id, cancel: true } satisfies ToWorker);
  }

  return {
    size,
    run<Kind extends TaskKind>(task: Task<Kind>, signal?: AbortSignal, onProgress?: (bytes: number) => void) {
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
      await Promise.all(members.map(({ worker }) => worker.terminate()));
    },
  };
}
