/** Comparisons in Chromium: the library as it is built, with as many Web Workers as a person has. */
import { type BenchPage, openBenchPage } from './bench-page.ts';
import type { Told } from './diff-told.ts';
import type * as Driver from './page-driver.ts';
import type { Structure } from './structure.ts';

export interface DiffPage extends Pick<BenchPage, 'readPlain' | 'close'> {
  /** Comparisons of every tensor by key, and seconds from opening the files to the last result. */
  compare(): Promise<{ readonly seconds: number; readonly found: Readonly<Record<string, Told>> }>;
  compareStructure(): Promise<Structure>;
}

export async function openDiffPage(paths: readonly [string, string]): Promise<DiffPage> {
  const { page, assetOf, readPlain, close } = await openBenchPage(paths);
  return {
    readPlain,
    close,
    compare: () => page.evaluate(comparePicked, assetOf('task-worker')),
    compareStructure: () => page.evaluate(compareStructures),
  };
}

// What follows runs in the page.

function comparePicked(worker: string): ReturnType<typeof Driver.compareFiles> {
  const { driver } = window as unknown as { driver: typeof Driver };
  return driver.compareFiles(driver.pickedFiles(), worker);
}

function compareStructures(): Promise<Structure> {
  const { driver } = window as unknown as { driver: typeof Driver };
  return driver.compareStructure(driver.pickedFiles());
}
