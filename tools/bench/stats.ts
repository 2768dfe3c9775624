/**
 * Statistics of 2 GB of bf16 and of f32 in Node and in Chromium, against plain reading on the same machine and against what a
 * person would write in Python. All sides read the same file, warm in the page cache, and must agree. Rates are medians.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { threadPool } from '../../cli/pool.ts';
import { openFiles, quantilesOf, scanStats, type TensorStats } from '../../src-core/index.ts';
import { nodeSource } from '../../src-core/node.ts';
import { type RealDType, writeNormal } from './normal.ts';
import { openStatsPage, type PageScan, type StatsPage } from './stats-page.ts';
import { BYTES, eachDType, round, takeTurns, tellLine, watchMemory, workers } from './turns.ts';

const MIN_RATE = 1.5;
const MIN_RATIO = 3;
const MIN_OF_READ = 0.6;
const MAX_GROWTH_MB = 400;
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

export const benchStats = (): Promise<boolean> =>
  eachDType(async (folder, dtype) => {
    const path = join(folder, `${dtype}.safetensors`);
    await writeNormal(path, dtype, BYTES);
    const page = await openStatsPage(path);
    try {
      return await measure(path, dtype, page);
    } finally {
      await page.close();
    }
  });

async function measure(path: string, dtype: RealDType, page: StatsPage): Promise<boolean> {
  const bytes = (await nodeSource(path)).size;
  const { rates, fasterScript, growths, mostGrowthMB, ...runs } = await takeTurns<Script, PageScan, Script>({
    paths: [path],
    bytes,
    script: 'stats',
    node: () => timeScan(path),
    page: () => page.scan(),
    readInPage: () => page.readPlain(),
  });
  const checksum = checksumOf(runs.node.stats);
  const pageStats = Object.fromEntries(Object.entries(runs.page.stats).map(([key, stats]) => [key, toTold(stats)]));
  const others = [pageStats, ...[...runs.scripts.numpy, ...runs.scripts.torch].map(({ stats }) => stats)];
  const line = {
    bench: 'stats',
    case: `${(bytes / 1e9).toFixed(1)} GB ${dtype}`,
    workers,
    ...rates,
    nodeToFasterScript: round(rates.nodeGBs / fasterScript),
    chromiumToItsRead: round(rates.chromiumGBs / rates.chromiumReadGBs),
    ...growths,
    checksum,
  };
  return tellLine(line, [
    rates.nodeGBs < MIN_RATE && `Node is slower than ${MIN_RATE} GB/s`,
    rates.nodeGBs < MIN_RATIO * fasterScript && `not ${MIN_RATIO} times the faster script`,
    rates.chromiumGBs < MIN_OF_READ * rates.chromiumReadGBs &&
      `Chromium is slower than ${MIN_OF_READ} of its plain reading`,
    mostGrowthMB > MAX_GROWTH_MB && `memory grows by more than ${MAX_GROWTH_MB} MB`,
    others.some((stats) => checksumOf(stats) !== checksum) && 'results differ',
  ]);
}

/** From opening the file to the last result, threads started anew, as the command does it. */
async function timeScan(path: string): Promise<Script & { readonly growth: number }> {
  const { look, growth } = watchMemory();
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
      look();
      if (!s) throw new Error('no statistics');
      stats[document.state.entries.at(id).key] = toTold(s);
    },
    { onProgress: look },
  );
  const seconds = (performance.now() - started) / 1000;
  await pool.close();
  return { seconds, stats, growth: growth() };
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
