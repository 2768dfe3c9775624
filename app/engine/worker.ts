import { toErrorInfo } from '../../src-core/index.ts';
import type { ItemOptions } from './api.ts';
import { createEngine } from './engine.ts';
import { ortRunner } from './ort-runner.ts';
import { webPool } from './pool.ts';
import { warmUp } from './warm-up.ts';
import { detach, type FromWorker, OPTIONS_AT, type ToWorker } from './wire.ts';

const engine = createEngine({ pool: webPool(), runner: ortRunner() });
const running = new Map<number, AbortController>();
/** A person's own question has come: nothing is warmed up any more. */
let asked = false;

const post = (message: FromWorker, transfer: Transferable[] = []) => self.postMessage(message, { transfer });

self.addEventListener('message', async (event: MessageEvent<ToWorker>) => {
  const message = event.data;
  if ('abort' in message) {
    running.get(message.abort)?.abort();
    return;
  }
  asked = true;
  const { call, method, args } = message;
  const controller = new AbortController();
  running.set(call, controller);
  const options: ItemOptions<unknown> = {
    signal: controller.signal,
    onProgress: (progress) => post({ call, progress }),
    onItem: (item) => {
      const { value, transfer } = detach(item);
      post({ call, item: value }, transfer);
    },
  };
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

/** Late enough to leave the page's own start alone, in rounds short enough that a drop in between hardly waits. */
const WARM_UP_DELAY = 250;
const WARM_UP_GAP = 40;
/** The compiler is done with the hot loops after this many: a first drop of ten thousand tensors then takes a third of the time. */
const WARM_UP_ROUNDS = 5;

async function warmUpInRounds(): Promise<void> {
  for (let round = 0; round < WARM_UP_ROUNDS && !asked; round++) {
    await warmUp(engine);
    await new Promise((resolve) => setTimeout(resolve, WARM_UP_GAP));
  }
}

// Whatever goes wrong here goes wrong again, and is told, when a person opens something.
setTimeout(() => void warmUpInRounds().catch(() => undefined), WARM_UP_DELAY);
