/**
 * All tensors of two files of 2 GB compared, bf16 and f32, in Node and in Chromium, against plain reading of both files on the
 * same machine and against what a person would write in Python; and their structure alone, of which no value is read. All sides
 * read the same files, warm in the page cache, and must agree. Rates are medians, of the bytes of both files.
 */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { threadPool } from '../../cli/pool.ts';
import { comparePairs, openFiles } from '../../src-core/index.ts';
import { nodeSource } from '../../src-core/node.ts';
import { median } from './browser.ts';
import { type DiffPage, openDiffPage } from './diff-page.ts';
import { differences, type Told, tell, WHOLE } from './diff-told.ts';
import { makeTuned, type RealDType, writeNormal } from './normal.ts';
import { compareStructures, type Structure } from './structure.ts';
import { BYTES, eachDType, round, runPython, takeTurns, tellLine, watchMemory, workers } from './turns.ts';

const MIN_OF_READ = 0.5;
const MIN_RATIO = 3;
const MAX_GROWTH_MB = 500;
const STRUCTURE_RUNS = 5;
/** Seconds. */
const MAX_STRUCTURE = 0.3;
/** Of both files: a reader takes the first MiB of each, in which nearly every header ends. */
const MAX_OPEN_BYTES = 4 * 2 ** 20;

/** By key. */
type Sides = Readonly<Record<string, Told>>;

interface Run {
  readonly seconds: number;
  readonly found: Sides;
}

type Paths = readonly [string, string];

export const benchDiff = (): Promise<boolean> =>
  eachDType(async (folder, dtype) => {
    const paths = [join(folder, `${dtype}-a.safetensors`), join(folder, `${dtype}-b.safetensors`)] as const;
    await writeNormal(paths[0], dtype, BYTES);
    await writeNormal(paths[1], dtype, BYTES, makeTuned(dtype));
    const page = await openDiffPage(paths);
    try {
      const bytes = (await stat(paths[0])).size + (await stat(paths[1])).size;
      const isStructureGood = await measureStructure(paths, dtype, bytes, page);
      return (await measureValues(paths, dtype, bytes, page)) && isStructureGood;
    } finally {
      await page.close();
    }
  });

/** Of files in which every tensor differs, and no value is looked at. */
async function measureStructure(paths: Paths, dtype: RealDType, bytes: number, page: DiffPage): Promise<boolean> {
  const runs = { node: [] as Structure[], page: [] as Structure[], script: [] as Structure[] };
  for (let i = 0; i < STRUCTURE_RUNS; i++) {
    runs.node.push(await compareStructures(await Promise.all(paths.map((path) => nodeSource(path)))));
    runs.page.push(await page.compareStructure());
    runs.script.push(runPython('diff_structure', paths));
  }
  const secondsOf = (list: readonly Structure[]) => Math.round(median(list.map(({ seconds }) => seconds)) * 1e4) / 1e4;
  const most = (name: 'openBytes' | 'bytesRead') => Math.max(...[...runs.node, ...runs.page].map((run) => run[name]));
  const [openBytes, bytesRead] = [most('openBytes'), most('bytesRead')];
  const checksums = new Set(Object.values(runs).map(([first]) => sha256(first?.lines ?? [])));
  const [nodeSeconds, chromiumSeconds] = [secondsOf(runs.node), secondsOf(runs.page)];
  const line = {
    bench: 'diff',
    case: `2 × ${(bytes / 2e9).toFixed(2)} GB ${dtype}, structure`,
    nodeSeconds,
    chromiumSeconds,
    scriptSeconds: secondsOf(runs.script),
    openBytes,
    bytesRead,
    checksum: [...checksums][0],
  };
  return tellLine(line, [
    Math.max(nodeSeconds, chromiumSeconds) > MAX_STRUCTURE && `slower than ${MAX_STRUCTURE} s`,
    openBytes > MAX_OPEN_BYTES && `opening reads ${openBytes} bytes, more than ${MAX_OPEN_BYTES}`,
    bytesRead > 0 && `${bytesRead} bytes of values were read`,
    checksums.size > 1 && 'results differ',
  ]);
}

async function measureValues(paths: Paths, dtype: RealDType, bytes: number, page: DiffPage): Promise<boolean> {
  const { rates, fasterScript, growths, mostGrowthMB, ...runs } = await takeTurns<Run, Run, Run>({
    paths,
    bytes,
    script: 'diff',
    node: () => timeCompare(paths),
    page: () => page.compare(),
    readInPage: () => page.readPlain(),
  });
  const node = runs.node.found;
  const others = { page: runs.page.found, numpy: runs.scripts.numpy[0]?.found, torch: runs.scripts.torch[0]?.found };
  const differing = Object.entries(others).flatMap(([name, found = {}]) => listDifferences(name, node, found));
  const line = {
    bench: 'diff',
    case: `2 × ${(bytes / 2e9).toFixed(2)} GB ${dtype}, values`,
    workers,
    ...rates,
    chromiumToItsRead: round(rates.chromiumGBs / rates.chromiumReadGBs),
    chromiumToBestRead: round(rates.chromiumGBs / Math.max(rates.readGBs, rates.chromiumReadGBs)),
    nodeToRead: round(rates.nodeGBs / rates.readGBs),
    chromiumToFasterScript: round(rates.chromiumGBs / fasterScript),
    nodeToFasterScript: round(rates.nodeGBs / fasterScript),
    ...growths,
    checksum: sha256(describe(node)),
  };
  return tellLine(line, [
    rates.chromiumGBs < MIN_OF_READ * rates.chromiumReadGBs &&
      `Chromium is slower than ${MIN_OF_READ} of its plain reading`,
    rates.chromiumGBs < MIN_RATIO * fasterScript && `Chromium is not ${MIN_RATIO} times the faster script`,
    rates.nodeGBs < MIN_RATIO * fasterScript && `Node is not ${MIN_RATIO} times the faster script`,
    mostGrowthMB > MAX_GROWTH_MB && `memory grows by more than ${MAX_GROWTH_MB} MB`,
    differing.length > 0 && `results differ: ${differing.slice(0, 4).join('; ')}`,
  ]);
}

/** From opening the files to the last result, threads started anew, as the command does it. */
async function timeCompare(paths: Paths): Promise<Run & { readonly growth: number }> {
  const { look, growth } = watchMemory();
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
      look();
      if (!comparison) throw new Error('a pair has no comparison');
      found[a.state.entries.at(pair).key] = tell(comparison);
    },
    { onProgress: look },
  );
  const seconds = (performance.now() - started) / 1000;
  await pool.close();
  return { seconds, found, growth: growth() };
}

function listDifferences(name: string, ours: Sides, theirs: Sides): readonly string[] {
  return Object.entries(ours).flatMap(([key, told]) => {
    const other = theirs[key];
    if (!other) return [`${name} has no ${key}`];
    return differences(told, other).map((what) => `${what} of ${key} in ${name}`);
  });
}

/** What is whole: counts, places and bins. */
const describe = (found: Sides): readonly string[] =>
  Object.entries(found)
    .sort()
    .map(([key, told]) => [key, ...WHOLE.map((name) => told[name]), told.top, told.bins].join(' '));

const sha256 = (lines: readonly string[]): string => createHash('sha256').update(lines.join('\n')).digest('hex');
