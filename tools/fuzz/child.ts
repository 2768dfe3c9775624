/** Tries inputs one after the other and says so before each; the process that started it watches its time and memory. */
import { makeInput } from './inputs.ts';
import { judge } from './judge.ts';
import type { Order, Report } from './protocol.ts';

/** Beyond it what earlier inputs left behind is cleared away, so that each is held to its own memory. */
const TIDY_BYTES = 200 * 2 ** 20;

const tell = (report: Report): void => {
  process.send?.(report);
};

process.on('message', ({ seed, from }: Order) => {
  void tryAll(seed, from);
});

async function tryAll(seed: number, from: number): Promise<void> {
  for (let input = from; ; input++) {
    if (process.memoryUsage.rss() > TIDY_BYTES) globalThis.gc?.();
    const made = makeInput(seed, input);
    tell({ kind: 'begin', input });
    const started = process.cpuUsage();
    let wrong: string | undefined;
    let answer: 'opened' | 'declined' | 'refused' = 'refused';
    try {
      answer = await judge(made);
    } catch (error) {
      wrong = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    const { user, system } = process.cpuUsage(started);
    tell({
      kind: 'end',
      input,
      format: made.format.id,
      answer,
      cpuMs: (user + system) / 1000,
      ...(wrong !== undefined && { wrong }),
    });
    // Lets messages through.
    if (input % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

tell({ kind: 'ready' });
