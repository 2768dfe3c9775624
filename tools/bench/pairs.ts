/** A hundred thousand entries beside another hundred thousand in Chromium: how soon they stand in one tree, and whether the page stays quick. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { dropAndWait, mainThreadTasks, median, openApp, type Tasks } from './browser.ts';
import { mixtureOfExperts, writeSafetensors } from './sparse.ts';

const ENTRIES = 100_000;
const RUNS = 3;
/** Milliseconds. */
const TARGETS = { align: 1500, p95: 50 } as const;

export async function benchPairs(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'stateglass-pairs-'));
  try {
    const [a, b] = [join(folder, 'a.safetensors'), join(folder, 'b.safetensors')];
    const specs = mixtureOfExperts(ENTRIES);
    await writeSafetensors(a, specs);
    // Of each thousand one has another name, and the last thousand is not there.
    const other = specs.slice(0, -1000).map((spec, i) => (i % 1000 === 0 ? { ...spec, name: `${spec.name}s` } : spec));
    await writeSafetensors(b, other);
    const runs: Run[] = [];
    for (let run = 0; run < RUNS; run++) runs.push(await compareInPage(a, b));
    const align = median(runs.map((run) => run.align));
    const tasks = runs.map((run) => run.tasks.p95);
    const longest = Math.max(...runs.map((run) => run.tasks.longest));
    const misses = [
      ...(align > TARGETS.align ? [`aligned in ${Math.round(align)} ms, not ${TARGETS.align}`] : []),
      ...(median(tasks) > TARGETS.p95 ? [`tasks of ${Math.round(median(tasks))} ms, not ${TARGETS.p95}`] : []),
    ];
    console.log(
      JSON.stringify({
        bench: 'pairs',
        case: `${ENTRIES} entries beside as many, click to tree`,
        ms: Math.round(align),
        taskP95: Math.round(median(tasks)),
        taskLongest: Math.round(longest),
        ...(misses.length > 0 && { misses }),
      }),
    );
    return misses.length === 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Run {
  readonly align: number;
  readonly tasks: Tasks;
}

async function compareInPage(a: string, b: string): Promise<Run> {
  const { page, close } = await openApp();
  try {
    await dropAndWait(page, [a, b]);
    const button = page.getByRole('button', { name: 'Compare', exact: true });
    await button.waitFor();
    let align = 0;
    const tasks = await mainThreadTasks(page, async () => {
      const began = performance.now();
      await button.click();
      await page.getByRole('tab', { name: 'Comparison' }).waitFor();
      align = performance.now() - began;
      await walk(page);
    });
    return { align, tasks };
  } finally {
    await close();
  }
}

/** What a person does with so many: opens all, scrolls, filters. */
async function walk(page: Page): Promise<void> {
  const tree = page.getByRole('treegrid');
  await page.getByRole('button', { name: 'Columns and rows' }).click();
  await page.getByRole('menuitem', { name: 'Expand all' }).click();
  await tree.focus();
  for (let i = 0; i < 40; i++) await page.keyboard.press('PageDown');
  await tree.hover();
  for (let i = 0; i < 60; i++) {
    await page.mouse.wheel(0, 900);
    await page.waitForTimeout(16);
  }
  await page.getByRole('searchbox', { name: /filter/i }).fill('renamed:true');
  await page.getByText(/^[\d,]+ of 10\d,\d{3}$/).waitFor();
}
