/** From drop to first tree rows painted, against what a person uses today on the same file. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, open as openFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { openFiles } from '../../src-core/index.ts';
import { nodeSource } from '../../src-core/node.ts';
import { browserMemory, dropAndWait, mainThreadTasks, median, memoryGrowth, openApp } from './browser.ts';
import { llama7b, mixtureOfExperts, writeSafetensors, writeTorchZip } from './sparse.ts';

interface Case {
  readonly name: string;
  /** Makes the file; answers its header's size in bytes. */
  make(path: string): Promise<number>;
  readonly file: string;
  /** Targets: milliseconds, bytes of memory growth, bytes read over the header. */
  readonly maxMs: number;
  readonly maxGrowth?: number;
  readonly maxExtraRead?: number;
}

const MB = 1_000_000;
const CASES: readonly Case[] = [
  {
    name: 'llama-7b 13.5 GB safetensors',
    file: 'llama.safetensors',
    make: async (path) => (await writeSafetensors(path, llama7b())).header,
    maxMs: 300,
    maxGrowth: 100 * MB,
    maxExtraRead: 2 ** 20,
  },
  ...[
    [10_000, 300],
    [100_000, 1000],
    [500_000, 3000, 600 * MB],
  ].map(
    ([count = 0, maxMs = 0, maxGrowth]): Case => ({
      name: `${count.toLocaleString('en')} tensors safetensors`,
      file: `${count}.safetensors`,
      make: async (path) => (await writeSafetensors(path, mixtureOfExperts(count))).header,
      maxMs,
      ...(maxGrowth !== undefined && { maxGrowth }),
      maxExtraRead: 2 ** 20,
    }),
  ),
  {
    name: '2 GB .pt',
    file: 'two-gigabytes.pt',
    make: async (path) => {
      await writeTorchZip(path, llama7b(2).slice(0, 19));
      return 0;
    },
    maxMs: 500,
  },
];

const RUNS = 5;

export async function benchOpen(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'stateglass-big-'));
  let good = true;
  try {
    for (const item of CASES) good = (await measure(item, join(folder, item.file))) && good;
    good = (await measureScrolling(join(folder, '500000.safetensors'))) && good;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return good;
}

async function measure(item: Case, path: string): Promise<boolean> {
  const header = await item.make(path);
  const times: number[] = [];
  const growths: number[] = [];
  let shown = { bytesRead: 0, entries: 0 };
  for (let run = 0; run < RUNS; run++) {
    const bench = await openApp();
    const { result, growth } = await memoryGrowth(() => dropAndWait(bench.page, [path]));
    times.push(result);
    growths.push(growth);
    shown = await readPage(bench.page);
    await bench.close();
  }
  const own = await readHere(path);
  const rival = item.file.endsWith('.safetensors') ? runRival(path) : undefined;
  const line = {
    bench: 'open',
    case: item.name,
    ms: round(median(times)),
    runs: times.map(round),
    memoryGrowthMB: round(median(growths) / MB),
    bytesRead: shown.bytesRead,
    header,
    entries: own.entries,
    checksum: own.checksum,
    ...(rival && { pythonMs: round(rival.ms), pythonChecksum: rival.checksum }),
    ...(header > 0 && { jsonParseMs: round(await timeJsonParse(path, header)) }),
  };
  const misses = [
    line.ms > item.maxMs && `slower than ${item.maxMs} ms`,
    item.maxGrowth !== undefined && median(growths) > item.maxGrowth && `more than ${item.maxGrowth / MB} MB`,
    item.maxExtraRead !== undefined && shown.bytesRead > header + item.maxExtraRead && 'reads more than header + 1 MiB',
    shown.entries !== own.entries && `the page shows ${shown.entries} entries`,
    rival && rival.checksum !== own.checksum && 'names differ from the rival',
  ].filter(Boolean);
  console.log(JSON.stringify({ ...line, ...(misses.length > 0 && { misses }) }));
  return misses.length === 0;
}

/** What the page itself says it read, and how many entries it shows. */
async function readPage(page: Page): Promise<{ bytesRead: number; entries: number }> {
  const read = await page.getByTitle(/^Bytes read/).getAttribute('value');
  const row = await page
    .getByRole('region', { name: 'Explorer' })
    .locator('button[aria-pressed]')
    .first()
    .textContent();
  const entries = /([\d,]+) entr(?:y|ies)/.exec(row ?? '')?.[1] ?? '';
  return { bytesRead: Number(read), entries: Number(entries.replaceAll(',', '')) };
}

/** The same core on the same file in this process: the names, which the rival's must equal. */
async function readHere(path: string) {
  const opened = await openFiles([{ id: 'file', source: await nodeSource(path) }]);
  const document = opened.documents[0];
  if (!document) throw new Error(JSON.stringify(opened.failures));
  const { entries } = document.state;
  const names = Array.from({ length: entries.length }, (_, row) => Buffer.from(entries.at(row).key)).sort(
    Buffer.compare,
  );
  const hash = createHash('sha256');
  names.forEach((name, i) => {
    if (i > 0) hash.update('\n');
    hash.update(name);
  });
  return { entries: entries.length, checksum: hash.digest('hex') };
}

function runRival(path: string): { ms: number; checksum: string } | undefined {
  const python = process.env.STATEGLASS_PYTHON ?? 'python3';
  try {
    return JSON.parse(
      execFileSync(python, [join(import.meta.dirname, '../../tools/bench/open_rival.py'), path], { encoding: 'utf8' }),
    );
  } catch {
    console.error(`no rival: ${python} has no safetensors package (name another in STATEGLASS_PYTHON)`);
    return undefined;
  }
}

/** A bare JSON.parse of the header, after reading and decoding it: the floor of every reader that makes objects. */
async function timeJsonParse(path: string, header: number): Promise<number> {
  const file = await openFile(path);
  const times: number[] = [];
  for (let run = 0; run < 3; run++) {
    const started = performance.now();
    const bytes = Buffer.alloc(header - 8);
    await file.read(bytes, 0, bytes.length, 8);
    JSON.parse(new TextDecoder().decode(bytes));
    times.push(performance.now() - started);
  }
  await file.close();
  return median(times);
}

/** Wheel through the tree and type a filter, at half a million entries. */
async function measureScrolling(path: string): Promise<boolean> {
  const bench = await openApp();
  await dropAndWait(bench.page, [path]);
  const { page } = bench;
  const tree = page.getByRole('treegrid');
  await tree.focus();
  const idle = await browserMemory();
  const expand = await mainThreadTasks(page, async () => {
    await page.keyboard.press('Home');
    for (let i = 0; i < 4; i++) await page.keyboard.press('*');
    await page.waitForTimeout(500);
  });
  const box = await tree.boundingBox();
  if (box) await page.mouse.move(box.x + 100, box.y + 200);
  const scroll = await mainThreadTasks(page, async () => {
    for (let i = 0; i < 60; i++) {
      await page.mouse.wheel(0, i % 10 === 9 ? 40_000 : 600);
      await page.waitForTimeout(30);
    }
  });
  const filter = await mainThreadTasks(page, async () => {
    await page.getByRole('searchbox', { name: /filter/i }).click();
    for (const key of 'experts.31.up dtype:bf16') {
      await page.keyboard.type(key);
      await page.waitForTimeout(60);
    }
    await page.waitForTimeout(1000);
  });
  await bench.close();
  const line = {
    bench: 'open',
    case: '500,000 entries on the main thread',
    expand: rounded(expand),
    scroll: rounded(scroll),
    filter: rounded(filter),
    memoryMB: round(idle / MB),
  };
  const misses = (['scroll', 'filter'] as const)
    .filter((what) => line[what].p95 > 50)
    .map((what) => `${what}: 95th percentile task over 50 ms`);
  console.log(JSON.stringify({ ...line, ...(misses.length > 0 && { misses }) }));
  return misses.length === 0;
}

const round = (value: number) => Math.round(value * 10) / 10;
const rounded = (tasks: { count: number; p95: number; longest: number }) => ({
  tasks: tasks.count,
  p95: round(tasks.p95),
  longest: round(tasks.longest),
});
