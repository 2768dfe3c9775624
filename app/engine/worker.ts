import { toErrorInfo } from '../../src-core/index.ts';
import type { CallOptions } from './api.ts';
import { createEngine } from './engine.ts';
import { warmUp } from './warm-up.ts';
import { detach, type FromWorker, OPTIONS_AT, type ToWorker } from './wire.ts';

const engine = createEngine();
const running = new Map<number, AbortController>();

const post = (message: FromWorker, transfer: Transferable[] = []) => self.postMessage(message, { transfer });

self.addEventListener('message', async (event: MessageEvent<ToWorker>) => {
  const message = event.data;
  if ('abort' in message) {
    running.get(message.abort)?.abort();
    return;
  }
  const { call, method, args } = message;
  const controller = new AbortController();
  running.set(call, controller);
  const options: CallOptions = { signal: controller.signal, onProgress: (progress) => post({ call, progress }) };
  try {
    const run = engine[method] as (...args: unknown[]) => Promise<unknown>;
    const answer = await run(...args, ...(method in OPTIONS_AT ? [options] : []));
    const { value, transfer } = detach(answer);
    post({ call, value }, transfer);
  } catch (error) {
    post({ call, error: toErrorInfo(error) });
  } finally {
    running.delete(call);
  }
});

/** Late enough to leave the page's own start alone. Whatever goes wrong here goes wrong again, and is told, when a person opens something. */
setTimeout(() => void warmUp(engine).catch(() => undefined), 250);
