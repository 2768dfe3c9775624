/** A new browser with files picked, and what the library does with them there: bundled as it is asked for. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { openApp } from './browser.ts';
import type * as Driver from './page-driver.ts';

export interface BenchPage {
  readonly page: Page;
  /** Address of a part of the built app, by what its name begins with: `worker`, `task-worker`. */
  readonly assetOf: (name: string) => string;
  /** Seconds for reading all files once, a worker for each core, in the fastest way that is known. */
  readPlain(): Promise<number>;
  close(): Promise<void>;
}

const ROOT = join(import.meta.dirname, '../..');

interface BenchPageOptions {
  /** Of the browser. */
  readonly args?: readonly string[];
  /** Whether it is cross-origin isolated, which threads of WASM need: true when absent. */
  readonly isolated?: boolean;
}

export async function openBenchPage(
  paths: readonly string[],
  { args, isolated }: BenchPageOptions = {},
): Promise<BenchPage> {
  const { page, close } = await openApp(args, isolated);
  const assets = await readdir(join(ROOT, 'dist/assets'));
  await page.evaluate(() => {
    const input = document.createElement('input');
    Object.assign(input, { type: 'file', id: 'bench-files', multiple: true });
    document.body.append(input);
  });
  await page.locator('#bench-files').setInputFiles([...paths]);
  await page.evaluate(await bundleDriver());
  return {
    page,
    assetOf: (name) => `/assets/${assets.find((asset) => new RegExp(`^${name}-.*\\.js$`).test(asset))}`,
    readPlain: () => page.evaluate(readPicked),
    close,
  };
}

async function bundleDriver(): Promise<string> {
  const { rolldown } = await import('rolldown');
  const input = join(ROOT, 'tools/bench/page-driver.ts');
  const bundle = await rolldown({ input, platform: 'browser', logLevel: 'silent' });
  const { output } = await bundle.generate({ format: 'iife', name: 'driver', codeSplitting: false });
  await bundle.close();
  return `${output[0].code}\nwindow.driver = driver;`;
}

/** Runs in the page. */
function readPicked(): Promise<number> {
  const { driver } = window as unknown as { driver: typeof Driver };
  return driver.readPlain(driver.pickedFiles());
}
