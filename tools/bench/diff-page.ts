/** Plain reading and comparisons in Chromium: the library as it is built, with as many Web Workers as a person has. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openApp } from './browser.ts';
import type * as Driver from './diff-driver.ts';
import type { Told } from './diff-told.ts';

export interface DiffPage {
  /** Seconds for reading both files once. */
  readPlain(): Promise<number>;
  /** Comparisons of every tensor by key, and seconds from opening the files to the last result. */
  compare(): Promise<{ readonly seconds: number; readonly found: Readonly<Record<string, Told>> }>;
  close(): Promise<void>;
}

const ROOT = join(import.meta.dirname, '../..');

/** A new browser with two files picked. */
export async function openDiffPage(paths: readonly [string, string]): Promise<DiffPage> {
  const { page, close } = await openApp();
  const assets = await readdir(join(ROOT, 'dist/assets'));
  const worker = `/assets/${assets.find((name) => /^task-worker-.*\.js$/.test(name))}`;
  await page.evaluate(() => {
    const input = document.createElement('input');
    Object.assign(input, { type: 'file', id: 'bench-files', multiple: true });
    document.body.append(input);
  });
  await page.locator('#bench-files').setInputFiles([...paths]);
  await page.evaluate(await bundleDriver());
  return { readPlain: () => page.evaluate(readPicked), compare: () => page.evaluate(comparePicked, worker), close };
}

async function bundleDriver(): Promise<string> {
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({
    input: join(ROOT, 'tools/bench/diff-driver.ts'),
    platform: 'browser',
    logLevel: 'silent',
  });
  const { output } = await bundle.generate({ format: 'iife', name: 'driver', codeSplitting: false });
  await bundle.close();
  return `${output[0].code}\nwindow.driver = driver;`;
}

// What follows runs in the page.

function readPicked(): Promise<number> {
  const { driver } = window as unknown as { driver: typeof Driver };
  return driver.readPlain([...((document.getElementById('bench-files') as HTMLInputElement).files ?? [])]);
}

function comparePicked(worker: string): ReturnType<typeof Driver.compareFiles> {
  const { driver } = window as unknown as { driver: typeof Driver };
  return driver.compareFiles([...((document.getElementById('bench-files') as HTMLInputElement).files ?? [])], worker);
}
