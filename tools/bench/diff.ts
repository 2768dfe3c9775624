/**
 * All tensors of two files of 2 GB compared, bf16 and f32, in Node and in Chromium, against plain reading of both files on the
 * same machine and against what a person would write in Python. All sides read the same files, warm in the page cache, and must
 * agree. Rates are medians, of the bytes of both files. `STATEGLASS_BENCH_BYTES` makes the files smaller.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadPool } from '../../cli/pool.ts';
import { comparePairs, openFiles } from '../../src-core/index.ts';
import { nodeSource } from '../../src-core/node.ts';
import { median, memoryGrowth } from './browser.ts';
import { openDiffPage } from './diff-page.ts';
import { differences, type Told, tell, WHOLE } from './diff-told.ts';
import { makeTuned, type RealDType, writeNormal } from './normal.ts';
import { timeRead } from './plain-read.ts';

const BYTES = Number(process.env.STATEGLASS_BENCH_BYTES ?? 2e9);
const RUNS = 5;
const SCRIPT_RUNS = 3;
const MIN_OF_READ = 0.5;
const MIN_RATIO = 3;
const MAX_GROWTH = 500e6;

/** By key. */
type Sides = Readonly<Record<string, Told>>;

interface Run {
  readonly seconds: number;
  readonly found: Sides;
}

export async function benchDiff(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'stateglass-diff-'));
  let good = true;
  try {
    for (const dtype of ['bf16', 'f32'] as const) {
      const paths = [join(folder, `${dtype}-a.safetensors`), join(folder, `${dtype}-b.safetensors`)] as const;
      await writeNormal(paths[0], dtype, BYTES);
      await writeNormal(paths[1], dtype, BYTES, makeTuned(dtype));
      good = (await measure(paths, dtype)) && good;
      for (const path of paths) await rm(path);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return good;
}

/** All sides take turns, so that what else the machine does meets each of them. */
async function measure(paths: readonly [string, string], dtype: RealDType): Promise<boolean> {
  const bytes = (await stat(paths[0])).size + (await stat(paths[1])).size;
  const page = await openDiffPage(paths);
  // The first comparison starts the workers, and warms them up.
  const { growth, result } = await memoryGrowth(() => page.compare());
  const runs = { read: [] as number[], pageRead: [] as number[], page: [] as number[], node: [] as Compared[] };
  const scripts = { numpy: [] as Run[], torch: [] as Run[] };
  for (let i = 0; i < RUNS; i++) {
    runs.read.push(await timeRead(paths));
    runs.node.push(await timeCompare(paths));
    runs.pageRead.push(await page.readPlain());
    runs.page.push((await page.compare()).seconds);
    if (i < SCRIPT_RUNS) for (const name of ['numpy', 'torch'] as const) scripts[name].push(runPython(name, paths));
  }
  await page.close();

  const rate = (seconds: readonly number[]) => Math.round(bytes / median(seconds) / 1e7) / 100;
  const secondsOf = (list: readonly Run[]) => list.map(({ seconds }) => seconds);
  const rates = {
    read: rate(runs.read),
    node: rate(secondsOf(runs.node)),
    pageRead: rate(runs.pageRead),
    page: rate(runs.page),
    numpy: rate(secondsOf(scripts.numpy)),
    torch: rate(secondsOf(scripts.torch)),
  };
  const fasterScript = Math.max(rates.numpy, rates.torch);
  const bestRead = Math.max(rates.read, rates.pageRead);
  const ratio = (value: number) => Math.round(value * 100) / 100;
  const nodeGrowth = Math.max(...runs.node.map((run) => run.growth));
  const node = runs.node[0]?.found ?? {};
  const others = { page: result.found, numpy: scripts.numpy[0]?.found ?? {}, torch: scripts.torch[0]?.found ?? {} };
  const differing = Object.entries(others).flatMap(([name, found]) => listDifferences(name, node, found));
  const misses = [
    rates.page < MIN_OF_READ * rates.pageRead && `Chromium is slower than ${MIN_OF_READ} of its plain reading`,
    rates.page < MIN_RATIO * fasterScript && `Chromium is not ${MIN_RATIO} times the faster script`,
    rates.node < MIN_RATIO * fasterScript && `Node is not ${MIN_RATIO} times the faster script`,
    Math.max(growth, nodeGrowth) > MAX_GROWTH && `memory grows by more than ${MAX_GROWTH / 1e6} MB`,
    differing.length > 0 && `results differ: ${differing.slice(0, 4).join('; ')}`,
  ].filter(Boolean);
  const line = {
    bench: 'diff',
    case: `2 × ${(bytes / 2e9).toFixed(2)} GB ${dtype}, values`,
    workers: availableParallelism(),
    readGBs: rates.read,
    nodeGBs: rates.node,
    chromiumReadGBs: rates.pageRead,
    chromiumGBs: rates.page,
    numpyGBs: rates.numpy,
    torchGBs: rates.torch,
    chromiumToItsRead: ratio(rates.page / rates.pageRead),
    chromiumToBestRead: ratio(rates.page / bestRead),
    nodeToRead: ratio(rates.node / rates.read),
    chromiumToFasterScript: ratio(rates.page / fasterScript),
    nodeToFasterScript: ratio(rates.node / fasterScript),
    nodeGrowthMB: Math.round(nodeGrowth / 1e6),
    chromiumGrowthMB: Math.round(growth / 1e6),
    checksum: checksumOf(node),
  };
  console.log(JSON.stringify({ ...line, ...(misses.length > 0 && { misses }) }));
  return misses.length === 0;
}

interface Compared extends Run {
  /** Most bytes of memory over what there was before. */
  readonly growth: number;
}

/** From opening the files to the last result, threads started anew, as the command does it. */
async function timeCompare(paths: readonly [string, string]): Promise<Compared> {
  const before = process.memoryUsage.rss();
  let most = before;
  const watch = () => {
    most = Math.max(most, process.memoryUsage.rss());
  };
  const started = performance.now();
  const [a, b] = await Promise.all(
    paths.map(async (path) => (await openFiles([{ id: path, source: await nodeSource(path) }])).documents[0]),
  );
  if (!a || !b) throw new Error('a file does not open');
  const found: Record<string, Told> = {};
  const pool = threadPool();
  const pairs = Array.from({ length: a.state.entries.length }, (_, row) => ({ a: row, b: row }));
  await comparePairs(
    a,
    b,
    pairs,
    pool,
    ({ pair, comparison }) => {
      watch();
      if (!comparison) throw new Error('a pair has no comparison');
      found[a.state.entries.at(pair).key] = tell(comparison);
    },
    { onProgress: watch },
  );
  const seconds = (performance.now() - started) / 1000;
  await pool.close();
  return { seconds, found, growth: most - before };
}

function runPython(name: 'numpy' | 'torch', paths: readonly string[]): Run {
  const python = process.env.STATEGLASS_PYTHON ?? 'python3';
  const script = join(import.meta.dirname, `../../tools/bench/diff_${name}.py`);
  return JSON.parse(execFileSync(python, [script, ...paths], { encoding: 'utf8', maxBuffer: 1 << 26 }));
}

function listDifferences(name: string, ours: Sides, theirs: Sides): readonly string[] {
  return Object.entries(ours).flatMap(([key, told]) => {
    const other = theirs[key];
    if (!other) return [`${name} has no ${key}`];
    return differences(told, other).map((what) => `${what} of ${key} in ${name}`);
  });
}

/** SHA-256 of what is whole: counts, places and bins. */
function checksumOf(found: Sides): string {
  const lines = Object.entries(found)
    .sort()
    .map(([key, told]) => [key, ...WHOLE.map((name) => told[name]), told.top, told.bins].join(' '));
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}
