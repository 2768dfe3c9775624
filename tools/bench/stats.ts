/**
 * Statistics of 2 GB of bf16 and of f32 in Node and in Chromium, against plain reading on the same machine and against what a
 * person would write in Python. All sides read the same file, warm in the page cache, and must agree. Rates are medians.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadPool } from '../../cli/pool.ts';
import { openFiles, quantilesOf, scanStats, type TensorStats } from '../../src-core/index.ts';
import { nodeSource } from '../../src-core/node.ts';
import { median, memoryGrowth } from './browser.ts';
import { type RealDType, writeNormal } from './normal.ts';
import { timeRead } from './plain-read.ts';
import { openStatsPage } from './stats-page.ts';

const BYTES = 2e9;
const RUNS = 5;
const SCRIPT_RUNS = 3;
const MIN_RATE = 1.5;
const MIN_RATIO = 3;
const MIN_OF_READ = 0.6;
const MAX_GROWTH = 400e6;
/** What every side tells of a tensor. */
const WHOLE = 'count min max minAt maxAt absmax zeros nan posinf neginf'.split(' ') as readonly Whole[];
const ROUNDED = ['std', 'l1', 'l2'] as const;
type Whole = 'count' | 'min' | 'max' | 'minAt' | 'maxAt' | 'absmax' | 'zeros' | 'nan' | 'posinf' | 'neginf';
type Told = Readonly<Record<Whole | (typeof ROUNDED)[number] | 'mean', number>> & {
  readonly quantiles: readonly number[];
};
/** By key. */
type Sides = Readonly<Record<string, Told>>;

interface Script {
  readonly seconds: number;
  readonly stats: Sides;
}

interface Scan extends Script {
  /** Most bytes of memory over what there was before. */
  readonly growth: number;
}

export async function benchStats(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'stateglass-stats-'));
  let good = true;
  try {
    for (const dtype of ['bf16', 'f32'] as const) {
      const path = join(folder, `${dtype}.safetensors`);
      await writeNormal(path, dtype, BYTES);
      good = (await measure(path, dtype)) && good;
      await rm(path);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return good;
}

/** All sides take turns, so that what else the machine does meets each of them. */
async function measure(path: string, dtype: RealDType): Promise<boolean> {
  const bytes = (await nodeSource(path)).size;
  const page = await openStatsPage(path);
  // The first scan starts the workers, and warms them up.
  const { growth, result } = await memoryGrowth(() => page.scan());
  const runs = { read: [] as number[], pageRead: [] as number[], page: [] as number[], node: [] as Scan[] };
  const scripts = { numpy: [] as Script[], torch: [] as Script[] };
  for (let i = 0; i < RUNS; i++) {
    runs.read.push(await timeRead([path]));
    runs.node.push(await timeScan(path));
    runs.pageRead.push(await page.readPlain());
    runs.page.push((await page.scan()).seconds);
    if (i < SCRIPT_RUNS) for (const name of ['numpy', 'torch'] as const) scripts[name].push(runPython(name, path));
  }
  await page.close();

  const rate = (seconds: readonly number[]) => Math.round(bytes / median(seconds) / 1e7) / 100;
  const ratio = (value: number) => Math.round(value * 100) / 100;
  const rates = {
    read: rate(runs.read),
    node: rate(runs.node.map(({ seconds }) => seconds)),
    pageRead: rate(runs.pageRead),
    page: rate(runs.page),
    numpy: rate(scripts.numpy.map(({ seconds }) => seconds)),
    torch: rate(scripts.torch.map(({ seconds }) => seconds)),
  };
  const fasterScript = Math.max(rates.numpy, rates.torch);
  const nodeGrowth = Math.max(...runs.node.map((run) => run.growth));
  const checksum = checksumOf(runs.node[0]?.stats ?? {});
  const pageStats = Object.fromEntries(Object.entries(result.stats).map(([key, stats]) => [key, toTold(stats)]));
  const others = [pageStats, ...[...scripts.numpy, ...scripts.torch].map(({ stats }) => stats)];
  const misses = [
    rates.node < MIN_RATE && `Node is slower than ${MIN_RATE} GB/s`,
    rates.node < MIN_RATIO * fasterScript && `not ${MIN_RATIO} times the faster script`,
    rates.page < MIN_OF_READ * rates.pageRead && `Chromium is slower than ${MIN_OF_READ} of its plain reading`,
    Math.max(growth, nodeGrowth) > MAX_GROWTH && `memory grows by more than ${MAX_GROWTH / 1e6} MB`,
    others.some((stats) => checksumOf(stats) !== checksum) && 'results differ',
  ].filter(Boolean);
  const line = {
    bench: 'stats',
    case: `${(bytes / 1e9).toFixed(1)} GB ${dtype}`,
    workers: availableParallelism(),
    readGBs: rates.read,
    nodeGBs: rates.node,
    chromiumReadGBs: rates.pageRead,
    chromiumGBs: rates.page,
    numpyGBs: rates.numpy,
    torchGBs: rates.torch,
    nodeToFasterScript: ratio(rates.node / fasterScript),
    chromiumToItsRead: ratio(rates.page / rates.pageRead),
    nodeGrowthMB: Math.round(nodeGrowth / 1e6),
    chromiumGrowthMB: Math.round(growth / 1e6),
    checksum,
  };
  console.log(JSON.stringify({ ...line, ...(misses.length > 0 && { misses }) }));
  return misses.length === 0;
}

/** From opening the file to the last result, threads started anew, as the command does it. */
async function timeScan(path: string): Promise<Scan> {
  const before = process.memoryUsage.rss();
  let most = before;
  const started = performance.now();
  const { documents } = await openFiles([{ id: 'file', source: await nodeSource(path) }]);
  const document = documents[0];
  if (!document) throw new Error('the file does not open');
  const stats: Record<string, Told> = {};
  const pool = threadPool();
  const rows = Array.from({ length: document.state.entries.length }, (_, row) => row);
  await scanStats(
    document,
    rows,
    pool,
    ({ id, stats: s }) => {
      most = Math.max(most, process.memoryUsage.rss());
      if (!s) throw new Error('no statistics');
      stats[document.state.entries.at(id).key] = toTold(s);
    },
    {
      onProgress: () => {
        most = Math.max(most, process.memoryUsage.rss());
      },
    },
  );
  const seconds = (performance.now() - started) / 1000;
  await pool.close();
  return { seconds, stats, growth: most - before };
}

function runPython(name: 'numpy' | 'torch', path: string): Script {
  const python = process.env.STATEGLASS_PYTHON ?? 'python3';
  const script = join(import.meta.dirname, `../../tools/bench/stats_${name}.py`);
  return JSON.parse(execFileSync(python, [script, path], { encoding: 'utf8', maxBuffer: 1 << 26 }));
}

function toTold(stats: TensorStats): Told {
  const { min = 0, max = 0, minAt = 0, maxAt = 0, absmax = 0, mean = 0, std = 0 } = stats;
  const { count, zeros, nan, posInf: posinf, negInf: neginf, l1, l2 } = stats;
  const quantiles = quantilesOf(stats).map((value) => value ?? 0);
  return { count, min, max, minAt, maxAt, absmax, mean, std, l1, l2, zeros, nan, posinf, neginf, quantiles };
}

/** SHA-256 of all numbers: counts, extremes and places whole, the rest to five digits, means to 1/10,000 of a standard deviation. */
function checksumOf(stats: Sides): string {
  const lines = Object.keys(stats)
    .sort()
    .map((key) => {
      const told = stats[key] as Told;
      const rounded = [...ROUNDED.map((name) => told[name]), ...told.quantiles].map((value) => value.toPrecision(5));
      return [key, ...WHOLE.map((name) => told[name]), ...rounded, (told.mean / told.std).toFixed(4)].join(' ');
    });
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}
