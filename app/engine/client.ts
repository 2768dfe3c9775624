import { StateglassError } from '../../src-core/index.ts';
import type { CallOptions, EngineApi, ItemOptions, OpenedDocument, OpenReply } from './api.ts';
import { type FromWorker, type Method, OPTIONS_AT, type ToWorker } from './wire.ts';

interface Pending {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  onProgress?: CallOptions['onProgress'];
  onItem?: (item: unknown) => void;
}

/** The engine in a worker, behind the same function table. Starts the worker at once, so that a drop finds it warm. */
export function createEngineClient(): EngineApi {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'engine' });
  const pending = new Map<number, Pending>();
  /** Cancelled openings and comparisons whose answer may be on its way. */
  const abandoned = new Set<number>();
  let nextCall = 1;
  const send = (message: ToWorker) => worker.postMessage(message);

  worker.addEventListener('message', (event: MessageEvent<FromWorker>) => {
    const message = event.data;
    const waiting = pending.get(message.call);
    if ('progress' in message) {
      waiting?.onProgress?.(message.progress);
      return;
    }
    if ('item' in message) {
      waiting?.onItem?.(message.item);
      return;
    }
    if (!waiting) {
      if (abandoned.delete(message.call) && 'value' in message) release(message.value);
      return;
    }
    pending.delete(message.call);
    if ('error' in message) waiting.reject(new StateglassError(message.error));
    else waiting.resolve(message.value);
  });
  worker.addEventListener('error', (event) => {
    for (const { reject } of pending.values()) {
      reject(new StateglassError({ kind: 'internal', detail: event.message || 'the engine stopped' }));
    }
    pending.clear();
  });

  /** Closes what was opened for nobody. */
  const release = (value: unknown): void => {
    const documents = 'documents' in (value as object) ? (value as OpenReply).documents : [value as OpenedDocument];
    for (const { id } of documents) void call('close', [id]).catch(() => undefined);
  };

  const call = (method: Method, args: readonly unknown[]): Promise<unknown> => {
    const at = OPTIONS_AT[method];
    const options = (at === undefined ? undefined : args[at]) as ItemOptions<unknown> | undefined;
    const plain = at === undefined ? args : args.slice(0, at);
    const id = nextCall++;
    return new Promise((resolve, reject) => {
      if (options?.signal?.aborted) {
        reject(new StateglassError({ kind: 'cancelled' }));
        return;
      }
      const { onProgress, onItem } = options ?? {};
      pending.set(id, { resolve, reject, ...(onProgress && { onProgress }), ...(onItem && { onItem }) });
      // The caller is free at once, whatever the worker is in the middle of; its late answer finds nobody waiting.
      const cancel = () => {
        send({ abort: id });
        if (!pending.delete(id)) return;
        if (method === 'open' || method === 'compare') abandoned.add(id);
        reject(new StateglassError({ kind: 'cancelled' }));
      };
      options?.signal?.addEventListener('abort', cancel, { once: true });
      send({ call: id, method, args: plain });
    });
  };

  return new Proxy({} as EngineApi, {
    get: (_, method) => (method === 'then' ? undefined : (...args: unknown[]) => call(method as Method, args)),
  });
}
