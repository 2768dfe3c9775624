import {
  type Backend,
  type Runner,
  type RunnerFacts,
  type StartedModel,
  StateglassError,
} from '../../src-core/index.ts';
import type { FromOrt, OrtApi, ToOrt } from './ort-wire.ts';

interface Pending {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** The runtime in a worker of its own, begun with the first run. What it computes is stopped by ending the worker. */
export function ortRunner(): Runner {
  let worker: Worker | undefined;
  let facts: Promise<RunnerFacts> | undefined;
  const pending = new Map<number, Pending>();
  let nextCall = 1;

  const failAll = (error: StateglassError) => {
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };

  function begin(): Worker {
    const begun = new Worker(new URL('./ort.ts', import.meta.url), { type: 'module', name: 'ort' });
    begun.addEventListener('message', ({ data }: MessageEvent<FromOrt>) => {
      const waiting = pending.get(data.call);
      pending.delete(data.call);
      if ('error' in data) waiting?.reject(new StateglassError(data.error));
      else waiting?.resolve(data.value);
    });
    begun.addEventListener('error', (event) => {
      worker = undefined;
      failAll(new StateglassError({ kind: 'internal', detail: event.message || 'the runtime stopped' }));
    });
    return begun;
  }

  function ask<Method extends keyof OrtApi>(
    method: Method,
    args: Parameters<OrtApi[Method]>,
    transfer: Transferable[] = [],
  ): ReturnType<OrtApi[Method]> {
    worker ??= begin();
    const call = nextCall++;
    const answer = new Promise((resolve, reject) => pending.set(call, { resolve, reject }));
    const message: ToOrt = { call, method, args };
    worker.postMessage(message, transfer);
    return answer as ReturnType<OrtApi[Method]>;
  }

  /** It is gone with the worker that it was started in. */
  function startedModel(session: number, backend: Backend): StartedModel {
    const home = worker;
    const askHome: typeof ask = (method, args, transfer) => {
      if (worker !== home) throw new StateglassError({ kind: 'internal', detail: 'the runtime was ended' });
      return ask(method, args, transfer);
    };
    return {
      backend,
      run: async (inputs, outputs, keep) => askHome('run', [session, inputs, outputs, keep]),
      times: async () => askHome('times', [session]),
      release: async () => {
        if (worker === home) await ask('end', [session]);
      },
    };
  }

  return {
    facts() {
      facts ??= ask('facts', []);
      return facts;
    },
    start: async (model, options) => startedModel(await ask('start', [model, options]), options.backend),
    // Nobody else has these numbers: they move.
    hold: (key, tensor, backend) => ask('hold', [key, tensor, backend], [tensor.data.buffer]),
    change: (key, from, change, move) => ask('change', [key, from, change, move]),
    release: (key) => ask('release', [key]),
    async restart() {
      worker?.terminate();
      worker = undefined;
      facts = undefined;
      failAll(new StateglassError({ kind: 'cancelled' }));
    },
  };
}
