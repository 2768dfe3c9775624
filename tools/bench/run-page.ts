/** Modules run in a new browser: with threads, or without the headers that threads need. */
import { openBenchPage } from './bench-page.ts';
import type * as Driver from './page-driver.ts';
import type { PageRuns, RunOptions } from './run-driver.ts';

/** A machine without a GPU computes WebGPU in software when it is told to. */
const SOFTWARE = ['--enable-unsafe-swiftshader', '--use-webgpu-adapter=swiftshader'];
const GPU = ['--enable-unsafe-webgpu'];

export interface PlaceOptions extends Omit<RunOptions, 'engine' | 'ort'> {
  readonly threads?: boolean;
  readonly software?: boolean;
}

export async function runInPage(
  paths: readonly string[],
  { threads = true, software = false, ...options }: PlaceOptions,
): Promise<PageRuns> {
  const args = [...GPU, ...(software ? SOFTWARE : [])];
  const { page, assetOf, close } = await openBenchPage(paths, { args, isolated: threads });
  try {
    const assets = { engine: assetOf('worker'), ort: assetOf('ort') };
    return await page.evaluate(runInDriver, { ...options, ...assets });
  } finally {
    await close();
  }
}

/** Runs in the page. */
function runInDriver(options: RunOptions): Promise<PageRuns> {
  const { driver } = window as unknown as { driver: typeof Driver };
  return driver.runModules(driver.pickedFiles(), options);
}
