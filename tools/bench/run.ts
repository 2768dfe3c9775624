/**
 * Modules run from their weights, in Node and in Chromium: a block of GPT-2 on 64 rows, ResNet-18, and text token by token, beside
 * what torch.onnx makes of the same modules with the weights as constants. Both take turns in the same runtime, and must agree.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunnerFacts } from '../../src-core/index.ts';
import type { Measured } from './run-measure.ts';
import { runInPage } from './run-page.ts';
import { round, tellLine, workers } from './turns.ts';

/** Of an exported model with constant weights, and of a run of the same weights again. */
const MAX_OF_EXPORTED = 1.3;
const MAX_OF_AGAIN = 1.3;
const NAMES = ['block', 'resnet', 'step'];
const optionOf = (name: string): string | undefined =>
  process.argv.find((arg) => arg.startsWith(`--${name}=`))?.slice(`--${name}=`.length);

/** `--runs=5`, `--case=block`, `--place=node`: less of it. `--webgpu`: also where the adapter computes in software. */
export async function benchRun(): Promise<boolean> {
  const runs = Number(optionOf('runs') ?? 15);
  const names = optionOf('case')?.split(',') ?? NAMES;
  const place = optionOf('place');
  const folder = await mkdtemp(join(tmpdir(), 'stateglass-run-'));
  const tell = (where: string, threads: number, measured: readonly Measured[]) =>
    measured.map((one) => tellMeasured(where, threads, one)).every(Boolean);
  let good = true;
  try {
    const python = process.env.STATEGLASS_PYTHON ?? 'python3';
    execFileSync(python, [join(import.meta.dirname, '../../tools/bench/run_rival.py'), folder], { stdio: 'pipe' });
    const paths = (await readdir(folder)).map((name) => join(folder, name));
    const counts = workers > 1 ? [1, workers] : [1];
    for (const threads of counts) {
      if (place === undefined || place === 'node')
        good = tell('node', threads, runInNode(folder, threads, runs, names)) && good;
      if (place !== undefined && place !== 'chromium') continue;
      const { facts, measured } = await runInPage(paths, { threads: threads > 1, backend: 'wasm', names, runs });
      good = tell('chromium', facts.threads, measured) && good;
    }
    if (place === undefined || place === 'webgpu') good = (await onGpu(paths, names, runs, tell)) && good;
    return good;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A process of its own: the runtime is told its threads once. */
function runInNode(folder: string, threads: number, runs: number, names: readonly string[]): readonly Measured[] {
  const root = join(import.meta.dirname, '../..');
  const args = [join(root, 'tools/run.mjs'), 'tools/bench/run-node.ts', folder, `${threads}`, `${runs}`, ...names];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', cwd: root }));
}

async function onGpu(
  paths: readonly string[],
  names: readonly string[],
  runs: number,
  tell: (where: string, threads: number, measured: readonly Measured[]) => boolean,
): Promise<boolean> {
  const software = process.argv.includes('--webgpu');
  const { facts } = await runInPage(paths, { software, names, runs });
  const leftOut = software ? undefined : whyNotGpu(facts);
  if (leftOut !== undefined) {
    console.log(JSON.stringify({ bench: 'run', where: 'webgpu', leftOut }));
    return true;
  }
  const { measured } = await runInPage(paths, { software, backend: 'webgpu', names, runs });
  return tell(`webgpu, ${facts.adapter?.vendor} ${facts.adapter?.architecture}`, facts.threads, measured);
}

function whyNotGpu({ adapter, why }: RunnerFacts): string | undefined {
  if (!adapter) return why ?? 'there is no adapter';
  return /swiftshader|llvmpipe|software/i.test(adapter.architecture)
    ? `the only adapter, ${adapter.architecture}, computes in software`
    : undefined;
}

function tellMeasured(where: string, threads: number, { case: of, furthest, ...times }: Measured): boolean {
  const ms = Object.fromEntries(Object.entries(times).map(([name, value]) => [name, round(value)]));
  const toExported = times.againMs / times.exportedMs;
  const editedToAgain = times.editedMs === undefined ? undefined : times.editedMs / times.againMs;
  const line = {
    bench: 'run',
    where,
    threads,
    case: of,
    ...ms,
    toExported: round(toExported),
    ...(editedToAgain !== undefined && { editedToAgain: round(editedToAgain) }),
    furthest: round(furthest),
  };
  const isWasm = !where.startsWith('webgpu');
  return tellLine(line, [
    isWasm && toExported > MAX_OF_EXPORTED && `slower than ${MAX_OF_EXPORTED} × the exported model`,
    isWasm && (editedToAgain ?? 0) > MAX_OF_AGAIN && `an edit costs more than ${MAX_OF_AGAIN} × a plain run`,
    furthest > (isWasm ? 1 : 10) && 'results differ',
  ]);
}
