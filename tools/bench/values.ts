/** From a click on a tensor of a 13.5 GB file to its first numbers and its heatmap on screen, and scrolling through it. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { openFiles } from '../../src-core/index.ts';
import { nodeSource } from '../../src-core/node.ts';
import { dropAndWait, mainThreadTasks, median, openApp } from './browser.ts';
import { makeNormal } from './normal.ts';
import { llama7b, writeSafetensors } from './sparse.ts';

const KEY = 'model.layers.3.mlp.down_proj.weight';
const RUNS = 5;
const MAX_MS = 150;
const MAX_P95 = 50;

interface Shown {
  /** Milliseconds from the click, in the page's own clock. */
  readonly numbers: number;
  readonly heatmap: number;
  /** The frame after both has begun: their paint is done. */
  readonly painted: number;
  /** The upper left of what is shown, as text. */
  readonly cells: readonly (readonly string[])[];
}

export async function benchValues(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'stateglass-values-'));
  try {
    const path = join(folder, 'llama.safetensors');
    await writeSafetensors(path, llama7b());
    await fillTensor(path);
    const shown: Shown[] = [];
    const read: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const bench = await openApp();
      await dropAndWait(bench.page, [path]);
      await showRow(bench.page);
      const before = await bytesRead(bench.page);
      shown.push(await clickAndWait(bench.page));
      await bench.page.waitForTimeout(1000);
      read.push((await bytesRead(bench.page)) - before);
      if (run < RUNS - 1) await bench.close();
      else return await report(path, shown, read, await scroll(bench.page), () => bench.close());
    }
    return false;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function report(
  path: string,
  shown: readonly Shown[],
  read: readonly number[],
  scrolling: { count: number; p95: number; longest: number },
  close: () => Promise<void>,
): Promise<boolean> {
  await close();
  const cells = shown[0]?.cells ?? [];
  const ms = median(shown.map((run) => run.painted));
  const rival = runRival(path, cells);
  const misses = [
    ms > MAX_MS && `slower than ${MAX_MS} ms`,
    scrolling.p95 > MAX_P95 && `scrolling: 95th percentile task over ${MAX_P95} ms`,
    shown.some((run) => JSON.stringify(run.cells) !== JSON.stringify(cells)) && 'runs show different numbers',
    rival && rival.checksum !== checksumOf(cells) && 'numbers differ from the rival',
  ].filter(Boolean);
  const line = {
    bench: 'values',
    case: 'bf16 4096×11008 in 13.5 GB',
    ms: round(ms),
    runs: shown.map((run) => round(run.painted)),
    numbersMs: round(median(shown.map((run) => run.numbers))),
    heatmapMs: round(median(shown.map((run) => run.heatmap))),
    bytesRead: median(read),
    scroll: { tasks: scrolling.count, p95: round(scrolling.p95), longest: round(scrolling.longest) },
    checksum: checksumOf(cells),
    ...(rival && { pythonMs: round(rival.ms), pythonChecksum: rival.checksum }),
  };
  console.log(JSON.stringify({ ...line, ...(misses.length > 0 && { misses }) }));
  return misses.length === 0;
}

/** Real numbers where all else is a hole. */
async function fillTensor(path: string): Promise<void> {
  const { documents } = await openFiles([{ id: 'file', source: await nodeSource(path) }]);
  const { entries, storages } = documents[0]!.state;
  const entry = Array.from({ length: entries.length }, (_, row) => entries.at(row)).find(({ key }) => key === KEY);
  const storage = entry?.value.type === 'tensor' ? storages.get(entry.value.storage ?? -1) : undefined;
  if (storage?.data.kind !== 'slices') throw new Error(`${KEY} has no bytes`);
  const { offset, length } = storage.data.slices[0]!;
  const data = makeNormal('bf16');
  const file = await open(path, 'r+');
  try {
    for (let at = 0; at < length; at += data.length)
      await file.write(data, 0, Math.min(data.length, length - at), offset + at);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function showRow(page: Page): Promise<void> {
  await page.getByRole('searchbox', { name: /filter/i }).fill('layers.3.mlp.down_proj');
  await page
    .getByRole('treegrid')
    .getByRole('row', { name: /4096×11008/ })
    .waitFor();
  // Filtering is done, and what is loaded while idle is there.
  await page.waitForTimeout(1500);
}

const bytesRead = async (page: Page): Promise<number> =>
  Number(
    await page
      .getByTitle(/^Bytes read/)
      .first()
      .getAttribute('value'),
  );

const clickAndWait = (page: Page): Promise<Shown> =>
  page.evaluate(
    () =>
      new Promise<Shown>((resolve) => {
        const row = [...document.querySelectorAll<HTMLElement>('[role="row"][aria-level]')].find((one) =>
          one.textContent?.includes('4096×11008'),
        );
        const started = performance.now();
        row?.click();
        let numbers = 0;
        let heatmap = 0;
        const look = () => {
          const grid = document.querySelector('[role="grid"][aria-label^="Values of"]');
          const first = grid?.querySelector('[role="gridcell"]:not([hidden])');
          const isWaiting = grid?.querySelector('[data-tone="waiting"]:not([hidden])');
          if (!numbers && first?.textContent && !isWaiting) numbers = performance.now() - started;
          const canvas = document.querySelector<HTMLCanvasElement>('[role="group"][aria-label^="Heatmap"] canvas');
          // A canvas that nothing was drawn on has no width, or the 300 that every canvas begins with.
          if (!heatmap && canvas && canvas.width > 0 && canvas.width !== 300) heatmap = performance.now() - started;
          if (!numbers || !heatmap) return void requestAnimationFrame(look);
          requestAnimationFrame(() => {
            const rows = [...grid!.querySelectorAll('[role="rowgroup"] [role="row"]:not([hidden])')].slice(0, 8);
            const cells = rows.map((one) =>
              [...one.querySelectorAll('[role="gridcell"]:not([hidden])')].slice(0, 3).map((c) => c.textContent ?? ''),
            );
            resolve({ numbers, heatmap, painted: performance.now() - started, cells });
          });
        };
        requestAnimationFrame(look);
      }),
  );

/** The wheel goes down and, now and then, sideways. */
async function scroll(page: Page) {
  const box = await page.getByRole('grid', { name: /^Values of/ }).boundingBox();
  if (!box) throw new Error('no grid');
  await page.mouse.move(box.x + 150, box.y + 200);
  return mainThreadTasks(page, async () => {
    for (let i = 0; i < 60; i++) {
      await page.mouse.wheel(i % 4 === 3 ? 400 : 0, 500);
      await page.waitForTimeout(30);
    }
  });
}

/** The same numbers by the safetensors package, to the digits that the page shows. */
function runRival(path: string, cells: Shown['cells']): { ms: number; checksum: string } | undefined {
  const python = process.env.STATEGLASS_PYTHON ?? 'python3';
  try {
    const script = join(import.meta.dirname, '../../tools/bench/values_rival.py');
    const out = execFileSync(python, [script, path, KEY, `${cells.length}`, `${cells[0]?.length}`], {
      encoding: 'utf8',
    });
    const { ms, values } = JSON.parse(out) as { ms: number; values: readonly (readonly number[])[] };
    const texts = values.map((row, i) => row.map((value, j) => value.toFixed(decimalsOf(cells[i]?.[j] ?? ''))));
    return { ms, checksum: checksumOf(texts) };
  } catch {
    console.error(`no rival: ${python} has no safetensors and torch (name another in STATEGLASS_PYTHON)`);
    return undefined;
  }
}

const decimalsOf = (text: string): number => text.split('.')[1]?.length ?? 0;
const checksumOf = (cells: Shown['cells']): string =>
  createHash('sha256')
    .update(JSON.stringify(cells.map((row) => row.map(Number))))
    .digest('hex');
const round = (value: number): number => Math.round(value * 10) / 10;
