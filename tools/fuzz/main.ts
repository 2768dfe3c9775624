/**
 * `npm run fuzz -- --minutes N [--seed S] [--input I]`: damaged copies of every fixture, read by the reader of its format. Each has to end in a
 * typed error or in a document that holds together, within two seconds of processor time and 512 MB. A failing input is written to a
 * folder outside the project; with its seed and number it can be made again (`--input` tries that one alone). Ends with
 * `N passed, N failed`, formats counted.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { listFormats, makeInput } from './inputs.ts';
import { judge } from './judge.ts';
import type { Report } from './protocol.ts';
import { usageOf } from './usage.ts';

const SLOW_MS = 2000;
const MOST_BYTES = 512 * 2 ** 20;
const WATCH_MS = 50;
/** An input that fails often is enough. */
const MOST_FAILURES = 200;

interface Tally {
  opened: number;
  declined: number;
  refused: number;
  failed: number;
}

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string' }, input: { type: 'string' } },
});
const minutes = Number(values.minutes);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
  console.error('usage: npm run fuzz -- --minutes N [--seed WHOLE_NUMBER] [--input NUMBER]');
  process.exit(2);
}
if (values.input === undefined) await fuzz();
else {
  const input = makeInput(seed, Number(values.input));
  console.log(`${input.fixture.path}, ${input.bytes.length} bytes`);
  console.log(await judge(input));
}

async function fuzz(): Promise<void> {
  const tallies = new Map<string, Tally>(
    listFormats().map((id) => [id, { opened: 0, declined: 0, refused: 0, failed: 0 }]),
  );
  const folder = mkdtempSync(join(tmpdir(), 'stateglass-fuzz-'));
  const seen = new Map<string, number>();
  // Time begins when the first input can be tried.
  const clock: Clock = {};
  let next = 0;
  let failures = 0;
  let slowest = 0;
  const fail = (input: number, why: string): void => {
    failures++;
    const { format, fixture, bytes } = makeInput(seed, input);
    (tallies.get(format.id) as Tally).failed++;
    const first = why.split('\n').slice(0, 2).join(' ').trim();
    const times = (seen.get(first) ?? 0) + 1;
    seen.set(first, times);
    if (times > 3) return;
    const file = join(folder, `${seed}-${input}-${basename(fixture.path)}`);
    writeFileSync(file, bytes);
    writeFileSync(`${file}.why.txt`, `${fixture.path}\n${why}\n`);
    console.log(`FAILED ${format.id}, input ${input} of seed ${seed} (${fixture.path}): ${first}\n  ${file}`);
  };
  while (performance.now() < (clock.until ?? Infinity) && failures < MOST_FAILURES) {
    const ended = await runChild(next, clock, (report) => {
      const tally = tallies.get(report.format) as Tally;
      slowest = Math.max(slowest, report.cpuMs);
      if (report.wrong !== undefined) fail(report.input, report.wrong);
      else if (report.cpuMs > SLOW_MS) fail(report.input, `it took ${Math.round(report.cpuMs)} ms`);
      else tally[report.answer]++;
    });
    if (ended.wrong !== undefined) fail(ended.input, ended.wrong);
    next = ended.input + 1;
  }
  print(tallies, folder, (performance.now() - (clock.until ?? 0)) / 1000 + 60 * minutes, slowest);
}

interface Clock {
  until?: number;
}

interface Ended {
  /** The last that was begun. */
  readonly input: number;
  /** Why it was stopped, where that is the input's fault. */
  readonly wrong?: string;
}

function runChild(
  from: number,
  clock: Clock,
  onEnd: (report: Extract<Report, { kind: 'end' }>) => void,
): Promise<Ended> {
  const child: ChildProcess = fork(join('tools', 'run.mjs'), ['tools/fuzz/child.ts'], {
    execArgv: ['--expose-gc', '--max-old-space-size=384'],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  let errors = '';
  child.stderr?.on('data', (text: Buffer) => {
    errors = (errors + text).slice(-2000);
  });
  return new Promise((resolve) => {
    let input = from - 1;
    let isBusy = false;
    let cpuBefore = 0;
    let wrong: string | undefined;
    const stop = (why?: string): void => {
      wrong ??= why;
      child.kill('SIGKILL');
    };
    const watch = setInterval(() => {
      if (performance.now() > (clock.until ?? Infinity)) return stop();
      const usage = isBusy && child.pid !== undefined ? usageOf(child.pid) : undefined;
      if (!usage) return;
      if (usage.rss > MOST_BYTES) stop(`it took ${Math.round(usage.rss / 2 ** 20)} MB`);
      else if (usage.cpuMs - cpuBefore > 1.5 * SLOW_MS) stop('it does not end');
    }, WATCH_MS);
    child.on('message', (report: Report) => {
      if (report.kind === 'ready') {
        clock.until ??= performance.now() + minutes * 60_000;
        child.send({ seed, from });
      } else if (report.kind === 'begin') {
        input = report.input;
        isBusy = true;
        cpuBefore = (child.pid !== undefined && usageOf(child.pid)?.cpuMs) || cpuBefore;
      } else {
        isBusy = false;
        onEnd(report);
      }
    });
    child.on('exit', (code) => {
      clearInterval(watch);
      if (code !== null && wrong === undefined) wrong = `the process ended by itself: ${errors}`;
      resolve({ input: Math.max(input, from), ...(wrong !== undefined && { wrong }) });
    });
  });
}

function print(tallies: ReadonlyMap<string, Tally>, folder: string, seconds: number, slowest: number): void {
  let [passed, failed, inputs] = [0, 0, 0];
  for (const [id, tally] of tallies) {
    const { opened, declined, refused } = tally;
    const count = opened + declined + refused + tally.failed;
    inputs += count;
    if (tally.failed > 0) failed++;
    else passed++;
    const words = `${opened} opened, ${refused} refused, ${declined} declined, ${tally.failed} failed`;
    console.log(`${id.padEnd(12)} ${String(count).padStart(7)} inputs: ${words}`);
  }
  const rate = (inputs / seconds).toFixed(0);
  console.log(
    `seed ${seed}: ${inputs} inputs in ${seconds.toFixed(0)} s, ${rate} a second, the slowest took ${slowest.toFixed(0)} ms`,
  );
  if (failed > 0) console.log(`failing inputs are in ${folder}`);
  mkdirSync('.cache', { recursive: true });
  writeFileSync('.cache/fuzz.json', JSON.stringify({ passed, failed }));
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
