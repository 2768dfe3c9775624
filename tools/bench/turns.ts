/** What the benchmarks of whole files have in common: the library in Node and in Chromium, plain reading and scripts take turns on the same files. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, memoryGrowth } from './browser.ts';
import type { RealDType } from './normal.ts';
import { timeRead } from './plain-read.ts';

/** Of a file. `STATEGLASS_BENCH_BYTES` makes it smaller. */
export const BYTES = Number(process.env.STATEGLASS_BENCH_BYTES ?? 2e9);
const RUNS = 3;
const SCRIPT_RUNS = 2;

const DTYPES = ['bf16', 'f32'] as const satisfies readonly RealDType[];

/** Measures each dtype, or the one of `--dtype=f32`, in a folder of its own that goes when it is done. */
export async function eachDType(measure: (folder: string, dtype: RealDType) => Promise<boolean>): Promise<boolean> {
  const asked = process.argv.find((arg) => arg.startsWith('--dtype='))?.slice('--dtype='.length);
  const dtypes = DTYPES.filter((dtype) => asked === undefined || dtype === asked);
  if (dtypes.length === 0) throw new Error(`no dtype "${asked}"; there are: ${DTYPES.join(', ')}`);
  let good = true;
  for (const dtype of dtypes) {
    const folder = await mkdtemp(join(tmpdir(), 'stateglass-bench-files-'));
    try {
      good = (await measure(folder, dtype)) && good;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return good;
}

interface Run {
  readonly seconds: number;
}

interface Sides<Node extends Run, Page extends Run> {
  readonly paths: readonly string[];
  /** Of all files. */
  readonly bytes: number;
  /** `diff` for `diff_numpy.py` and `diff_torch.py`. */
  readonly script: string;
  /** Most bytes of memory over what there was before are `growth`. */
  readonly node: () => Promise<Node & { readonly growth: number }>;
  readonly page: () => Promise<Page>;
  readonly readInPage: () => Promise<number>;
}

/** All sides take turns, so that what else the machine does meets each of them. Rates are medians in GB/s. */
export async function takeTurns<Node extends Run, Page extends Run, Script extends Run>({
  paths,
  bytes,
  script,
  node,
  page,
  readInPage,
}: Sides<Node, Page>) {
  // The first time starts the workers, and warms them up.
  const { growth, result } = await memoryGrowth(page);
  const [reads, pageReads] = [[] as number[], [] as number[]];
  const [inNode, inPage] = [[] as (Node & { readonly growth: number })[], [] as Page[]];
  const scripts = { numpy: [] as Script[], torch: [] as Script[] };
  for (let i = 0; i < RUNS; i++) {
    reads.push(await timeRead(paths));
    inNode.push(await node());
    pageReads.push(await readInPage());
    inPage.push(await page());
    if (i >= SCRIPT_RUNS) continue;
    for (const name of ['numpy', 'torch'] as const) scripts[name].push(runPython(`${script}_${name}`, paths));
  }
  const rate = (seconds: readonly number[]) => Math.round(bytes / median(seconds) / 1e7) / 100;
  const rateOf = (runs: readonly Run[]) => rate(runs.map(({ seconds }) => seconds));
  const rates = {
    readGBs: rate(reads),
    nodeGBs: rateOf(inNode),
    chromiumReadGBs: rate(pageReads),
    chromiumGBs: rateOf(inPage),
    numpyGBs: rateOf(scripts.numpy),
    torchGBs: rateOf(scripts.torch),
  };
  const growths = {
    nodeGrowthMB: Math.round(Math.max(...inNode.map((run) => run.growth)) / 1e6),
    chromiumGrowthMB: Math.round(growth / 1e6),
  };
  return {
    rates,
    fasterScript: Math.max(rates.numpyGBs, rates.torchGBs),
    growths,
    mostGrowthMB: Math.max(growths.nodeGrowthMB, growths.chromiumGrowthMB),
    node: inNode[0]!,
    page: result,
    scripts,
  };
}

/** What the script prints. */
export function runPython<T>(name: string, paths: readonly string[]): T {
  const python = process.env.STATEGLASS_PYTHON ?? 'python3';
  const script = join(import.meta.dirname, `../../tools/bench/${name}.py`);
  return JSON.parse(execFileSync(python, [script, ...paths], { encoding: 'utf8', maxBuffer: 1 << 26 }));
}

/** The memory of this process while something runs. */
export function watchMemory() {
  const before = process.memoryUsage.rss();
  let most = before;
  return {
    look: () => {
      most = Math.max(most, process.memoryUsage.rss());
    },
    growth: () => most - before,
  };
}

export const workers = availableParallelism();
export const round = (value: number): number => Math.round(value * 100) / 100;

/** Prints the line. Whether nothing was missed. */
export function tellLine(line: object, misses: readonly (string | false)[]): boolean {
  const missed = misses.filter((miss) => miss !== false);
  console.log(JSON.stringify({ ...line, ...(missed.length > 0 && { misses: missed }) }));
  return missed.length === 0;
}
