/** Plain reading and statistics in Chromium: the built engine in its own worker, with the pool a person has. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { EntryStats, TensorStats } from '../../src-core/index.ts';
import { openApp } from './browser.ts';

export interface StatsPage {
  /** Seconds for reading the file once with two workers, in the fastest way that is known. */
  readPlain(): Promise<number>;
  /** Statistics of every tensor by key, and seconds from the call to the last result. The file was opened before. */
  scan(): Promise<{ readonly seconds: number; readonly stats: Readonly<Record<string, TensorStats>> }>;
  close(): Promise<void>;
}

/** A new browser with the file picked and opened. */
export async function openStatsPage(path: string): Promise<StatsPage> {
  const { page, close } = await openApp();
  const assets = await readdir(join(import.meta.dirname, '../../dist/assets'));
  const engine = assets.find((name) => /^worker-.*\.js$/.test(name));
  await page.evaluate(() => {
    const input = document.createElement('input');
    Object.assign(input, { type: 'file', id: 'bench-file' });
    document.body.append(input);
  });
  await page.locator('#bench-file').setInputFiles(path);
  await startEngine(page, `/assets/${engine}`);
  return {
    readPlain: () => page.evaluate(readWithTwoWorkers),
    scan: () => page.evaluate(scanAll),
    close,
  };
}

// What follows runs in the page.

/** What `startEngine` leaves there. */
interface Left {
  readonly file: File;
  call(method: string, args: readonly unknown[], onItem?: (item: unknown) => void): Promise<unknown>;
  /** Of the opened document. */
  readonly id: number;
  readonly keys: readonly string[];
}

const startEngine = (page: Page, url: string): Promise<void> =>
  page.evaluate(async (address) => {
    const file = (document.getElementById('bench-file') as HTMLInputElement).files?.[0];
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
    Object.assign(window, { bench: { file, call, id, keys } });
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

async function readWithTwoWorkers(): Promise<number> {
  const { file } = (window as unknown as { bench: Left }).bench;
  const code = `onmessage = async ({ data }) => {
    const reader = data.stream().getReader({ mode: 'byob' });
    let memory = new ArrayBuffer(4 * 2 ** 20);
    for (;;) {
      const { value, done } = await reader.read(new Uint8Array(memory));
      if (done) break;
      memory = value.buffer;
    }
    postMessage(0);
  };`;
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  const workers = [new Worker(url), new Worker(url)];
  const half = Math.ceil(file.size / 2);
  const started = performance.now();
  await Promise.all(
    workers.map(
      (worker, i) =>
        new Promise((resolve) => {
          worker.addEventListener('message', resolve, { once: true });
          worker.postMessage(file.slice(i * half, (i + 1) * half));
        }),
    ),
  );
  const seconds = (performance.now() - started) / 1000;
  for (const worker of workers) worker.terminate();
  return seconds;
}
