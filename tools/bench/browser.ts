/** A fresh Chromium on the built app, with what a benchmark needs: real drops, memory of all its processes, main-thread tasks. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { preview } from 'vite';
import { BROWSER_ARGS, findBrowser } from '../browser.mjs';

/** What the folders of profiles are called; the browsers have them in their command lines. */
const PROFILE = 'stateglass-bench-';

export interface Bench {
  readonly page: Page;
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** What takes from a page the isolation that threads of WASM need. */
const NOT_ISOLATED = { 'Cross-Origin-Opener-Policy': 'unsafe-none', 'Cross-Origin-Embedder-Policy': 'unsafe-none' };

/** Serves `dist` and opens it. Every call is a new browser with a new profile, so that runs do not help each other. */
export async function openApp(args: readonly string[] = [], isolated = true): Promise<Bench> {
  const executablePath = findBrowser();
  if (!executablePath) throw new Error('no browser: run npm test once, or name one in STATEGLASS_BROWSER');
  const server = await preview({
    preview: { port: 0, host: '127.0.0.1', ...(!isolated && { headers: NOT_ISOLATED }) },
    logLevel: 'silent',
  });
  const address = server.httpServer.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const profile = await mkdtemp(join(tmpdir(), PROFILE));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: [...BROWSER_ARGS, ...args],
    headless: true,
    viewport: { width: 1280, height: 800 },
  });
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.getByRole('button', { name: 'Open files' }).waitFor();
  // Fonts, the worker and lazy chunks settle before anything is measured.
  await page.waitForTimeout(700);
  return {
    page,
    context,
    async close() {
      await context.close();
      await server.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/**
 * Drops real paths and resolves when the first tree rows are painted. Milliseconds from the drop event, in the page's own clock:
 * the frame after the one in which the rows appeared has begun, so their paint is done.
 */
export async function dropAndWait(page: Page, paths: readonly string[], timeout = 120_000): Promise<number> {
  await page.evaluate(() => {
    const state = window as unknown as { firstRows?: Promise<number> };
    state.firstRows = new Promise((resolve) => {
      window.addEventListener(
        'drop',
        () => {
          const started = performance.now();
          const look = () => {
            if (document.querySelector('[role="treegrid"] [role="row"][aria-level]'))
              requestAnimationFrame(() => resolve(performance.now() - started));
            else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        },
        { capture: true, once: true },
      );
    });
  });
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 640, y: 400, data });
  }
  await session.detach();
  page.setDefaultTimeout(timeout);
  return page.evaluate(() => (window as unknown as { firstRows: Promise<number> }).firstRows);
}

/**
 * Proportional set size of every process of the browsers that `openApp` started, in bytes: shared pages are counted once in the
 * sum, and what else runs on the machine is not.
 */
export async function browserMemory(): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const read = (pid: string, file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  const parentOf = new Map(
    await Promise.all(pids.map(async (pid) => [pid, /\) . (\d+)/.exec(await read(pid, 'stat'))?.[1]] as const)),
  );
  const commands = new Map(await Promise.all(pids.map(async (pid) => [pid, await read(pid, 'cmdline')] as const)));
  const isOurs = (pid: string | undefined): boolean =>
    pid !== undefined && (commands.get(pid)?.includes(PROFILE) === true || isOurs(parentOf.get(pid)));
  let total = 0;
  for (const pid of pids.filter(isOurs))
    total += Number(/^Pss:\s+(\d+)/m.exec(await read(pid, 'smaps_rollup'))?.[1] ?? 0) * 1024;
  return total;
}

/** Watches memory while `act` runs; the peak over what it was before, in bytes. */
export async function memoryGrowth<T>(act: () => Promise<T>): Promise<{ result: T; growth: number }> {
  const before = await browserMemory();
  let peak = before;
  let running = true;
  const watch = (async () => {
    while (running) {
      peak = Math.max(peak, await browserMemory());
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  })();
  const result = await act();
  peak = Math.max(peak, await browserMemory());
  running = false;
  await watch;
  return { result, growth: peak - before };
}

export interface Tasks {
  /** Tasks of at least 1 ms on the page's main thread. */
  readonly count: number;
  readonly p95: number;
  readonly longest: number;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly args?: { name?: string };
}

/** Durations in ms of the main thread's tasks while `act` runs, as the browser itself traces them. */
export async function mainThreadTasks(page: Page, act: () => Promise<void>): Promise<Tasks> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await session.send('Tracing.start', {
    traceConfig: { includedCategories: ['toplevel', 'devtools.timeline', '__metadata'] },
    transferMode: 'ReportEvents',
  });
  await act();
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  const mains = new Set(
    events.filter((e) => e.name === 'thread_name' && e.args?.name === 'CrRendererMain').map((e) => `${e.pid}:${e.tid}`),
  );
  const durations = events
    .filter((e) => /RunTask$/.test(e.name) && e.ph === 'X' && mains.has(`${e.pid}:${e.tid}`))
    .map((e) => (e.dur ?? 0) / 1000)
    .filter((ms) => ms >= 1)
    .sort((a, b) => a - b);
  return {
    count: durations.length,
    p95: durations[Math.floor(durations.length * 0.95)] ?? 0,
    longest: durations.at(-1) ?? 0,
  };
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
