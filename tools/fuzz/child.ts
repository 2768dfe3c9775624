/** Tries inputs one after the other and says so before each; the process that started it watches its time and memory. */
import { makeInput } from './inputs.ts';
import { judge } from './judge.ts';
import type { Order, Report } from './protocol.ts';

/** Beyond it what earlier inputs left behind is cleared away, so that each is held to its own memory. */
const TIDY_BYTES = 128 * 2 ** 20;

/** Bytes of objects and buffers, garbage included. */
function usedBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const tell = (report: Report): void => {
  process.send?.(report);
};

process.on('message', ({ seed, from }: Order) => {
  void tryAll(seed, from);
});

async function tryAll(seed: number, from: number): Promise<void> {
  let tidyAt = TIDY_BYTES;
  for (let input = from; ; input++) {
    if (usedBytes() > tidyAt) {
      globalThis.gc?.();
      // What the program itself holds is not cleared away again and again.
      tidyAt = Math.max(TIDY_BYTES, 1.5 * usedBytes());
    }
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
