/** Statistics in Chromium: the built engine in its own worker, with the pool a person has. */
import type { Page } from '@playwright/test';
import type { EntryStats, TensorStats } from '../../src-core/index.ts';
import { type BenchPage, openBenchPage } from './bench-page.ts';

export interface PageScan {
  readonly seconds: number;
  /** By key. */
  readonly stats: Readonly<Record<string, TensorStats>>;
}

export interface StatsPage extends Pick<BenchPage, 'readPlain' | 'close'> {
  /** Statistics of every tensor, and seconds from the call to the last result. The file was opened before. */
  scan(): Promise<PageScan>;
}

/** A new browser with the file picked and opened. */
export async function openStatsPage(path: string): Promise<StatsPage> {
  const { page, assetOf, readPlain, close } = await openBenchPage([path]);
  await startEngine(page, assetOf('worker'));
  return { readPlain, scan: () => page.evaluate(scanAll), close };
}

// What follows runs in the page.

/** What `startEngine` leaves there. */
interface Left {
  call(method: string, args: readonly unknown[], onItem?: (item: unknown) => void): Promise<unknown>;
  /** Of the opened document. */
  readonly id: number;
  readonly keys: readonly string[];
}

const startEngine = (page: Page, url: string): Promise<void> =>
  page.evaluate(async (address) => {
    const file = (document.getElementById('bench-files') as HTMLInputElement).files?.[0];
    if (!file) throw new Error('no file was picked');
    const worker = new Worker(address, { type: 'module' });
    const waiting = new Map<number, { resolve: (value: unknown) => void; onItem?: (item: unknown) => void }>();
    worker.addEventListener('message', ({ data }) => {
      if ('item' in data) waiting.get(data.call)?.onItem?.(data.item);
      else if (!('progress' in data)) waiting.get(data.call)?.resolve(data.value);
    });
    let calls = 0;
    const call = (method: string, args: readonly unknown[], onItem?: (item: unknown) => void) =>
      new Promise<unknown>((resolve) => {
        calls++;
        waiting.set(calls, { resolve, ...(onItem && { onItem }) });
        worker.postMessage({ call: calls, method, args });
      });
    const handle = { kind: 'blob', blob: file, name: file.name };
    const opened = (await call('open', [{ files: [{ path: file.name, handle }] }])) as {
      documents: readonly { id: number; entries: number; tree: { entries: number } }[];
    };
    const id = opened.documents[0]?.id ?? -1;
    const rows = Uint32Array.from({ length: 8 }, (_, row) => row);
    const keys = (await call('keys', [id, rows])) as string[];
    Object.assign(window, { bench: { call, id, keys } });
  }, url);

async function scanAll(): Promise<{ seconds: number; stats: Record<string, TensorStats> }> {
  const { call, id, keys } = (window as unknown as { bench: Left }).bench;
  const stats: Record<string, TensorStats> = {};
  const started = performance.now();
  await call('stats', [id, Uint32Array.from(keys.keys())], (item) => {
    const { id: row, stats: found } = item as EntryStats;
    if (found) stats[keys[row] as string] = found;
  });
  const seconds = (performance.now() - started) / 1000;
  return { seconds, stats };
}
