/**
 * Statistics of 2 GB of bf16 and of f32, against plain reading on the same machine and against what a person would write in
 * Python. All sides read the same file, warm in the page cache, and must agree.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadPool } from '../../cli/pool.ts';
import { openFiles, quantilesOf, scanStats, type TensorStats } from '../../src-core/index.ts';
import { nodeSource } from '../../src-core/node.ts';
import { median } from './browser.ts';
import { type RealDType, writeNormal } from './normal.ts';

const BYTES = 2e9;
const RUNS = 5;
const PYTHON_RUNS = 3;
const MIN_RATE = 1.5;
const MIN_RATIO = 3;
const MAX_GROWTH_MB = 400;
/** What every side tells of a tensor. */
const WHOLE = 'count min max minAt maxAt absmax zeros nan posinf neginf'.split(' ') as readonly Whole[];
const ROUNDED = ['std', 'l1', 'l2'] as const;
type Whole = 'count' | 'min' | 'max' | 'minAt' | 'maxAt' | 'absmax' | 'zeros' | 'nan' | 'posinf' | 'neginf';
type Told = Readonly<Record<Whole | (typeof ROUNDED)[number] | 'mean', number>> & {
  readonly quantiles: readonly number[];
};
type Sides = Readonly<Record<string, Told>>;

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

async function measure(path: string, dtype: RealDType): Promise<boolean> {
  const bytes = (await nodeSource(path)).size;
  const rate = (seconds: number) => Math.round(bytes / seconds / 1e7) / 100;
  const reads = await repeat(RUNS, () => timeRead(path, bytes));
  const own = await repeat(RUNS, () => timeScan(path));
  const rivals = (['numpy', 'torch'] as const).map((name) => ({ name, runs: runPython(name, path) }));
  const node = rate(median(own.map((run) => run.seconds)));
  const checksum = checksumOf(own[0]?.stats ?? {});
  const best = Math.max(...rivals.map(({ runs }) => rate(median(runs.map((run) => run.seconds)))));
  const growth = Math.round(Math.max(...own.map((run) => run.growth)) / 1e6);
  const misses = [
    node < MIN_RATE && `slower than ${MIN_RATE} GB/s`,
    node < MIN_RATIO * best && `not ${MIN_RATIO} times the faster script`,
    growth > MAX_GROWTH_MB && `memory grows by more than ${MAX_GROWTH_MB} MB`,
    rivals.some(({ runs }) => runs.some((run) => checksumOf(run.stats) !== checksum)) && 'results differ',
  ].filter(Boolean);
  const line = {
    bench: 'stats',
    case: `${(bytes / 1e9).toFixed(1)} GB ${dtype}`,
    workers: availableParallelism(),
    readGBs: rate(Math.min(...reads)),
    nodeGBs: node,
    nodeRuns: own.map((run) => rate(run.seconds)),
    memoryGrowthMB: growth,
    ...Object.fromEntries(rivals.map(({ name, runs }) => [`${name}GBs`, rate(median(runs.map((run) => run.seconds)))])),
    timesFasterScript: Math.round((node / best) * 10) / 10,
    checksum,
  };
  console.log(JSON.stringify({ ...line, ...(misses.length > 0 && { misses }) }));
  return misses.length === 0;
}

async function repeat<T>(times: number, run: () => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  for (let i = 0; i < times; i++) all.push(await run());
  return all;
}

/** Reads everything into as many buffers as there are cores, used again and again: the least any program can do. */
async function timeRead(path: string, bytes: number): Promise<number> {
  const file = await open(path);
  const started = performance.now();
  const step = 2 ** 18;
  let at = 0;
  await Promise.all(
    Array.from({ length: availableParallelism() }, async () => {
      // At the start of a page: some processors copy a third as fast to just behind one, where other memory begins.
      const buffer = new Uint8Array(new WebAssembly.Memory({ initial: step / 2 ** 16 }).buffer);
      while (at < bytes) {
        const start = at;
        at += step;
        await file.read(buffer, 0, Math.min(step, bytes - start), start);
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  await file.close();
  return seconds;
}

/** From opening the file to the last result, threads started anew, as the command does it. */
async function timeScan(path: string): Promise<{ seconds: number; stats: Sides; growth: number }> {
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

function runPython(name: 'numpy' | 'torch', path: string): { seconds: number; stats: Sides }[] {
  const python = process.env.STATEGLASS_PYTHON ?? 'python3';
  const script = join(import.meta.dirname, `../../tools/bench/stats_${name}.py`);
  return Array.from({ length: PYTHON_RUNS }, () =>
    JSON.parse(execFileSync(python, [script, path], { encoding: 'utf8', maxBuffer: 1 << 26 })),
  );
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
