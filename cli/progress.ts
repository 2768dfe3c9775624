/** Wide enough to see a percent move, narrow enough for eighty columns. */
const WIDTH = 30;
/** A terminal that redraws more often only flickers. */
const INTERVAL_MS = 100;

export interface Progress {
  /** Bytes done, and in all. */
  readonly update: (done: number, total: number) => void;
  /** Takes the bar away. */
  readonly end: () => void;
}

/** A bar on the terminal's stderr; nothing when stderr is piped. */
export function showProgress(label: string): Progress {
  const out = process.stderr;
  if (!out.isTTY) return { update: () => undefined, end: () => undefined };
  const started = performance.now();
  let drawn = 0;
  return {
    update(done, total) {
      const now = performance.now();
      if (now - drawn < INTERVAL_MS || total === 0) return;
      drawn = now;
      const part = done / total;
      const bar = '█'.repeat(Math.round(part * WIDTH)).padEnd(WIDTH, '░');
      const rate = done / 1e6 / Math.max(0.001, (now - started) / 1000);
      out.write(`\r${label} ${bar} ${Math.floor(part * 100)} %  ${Math.round(rate)} MB/s\x1b[K`);
    },
    end: () => void out.write('\r\x1b[K'),
  };
}
