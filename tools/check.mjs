/** Everything that must hold, as one list: format, lint, types, unit (layers included), a minute of damaged files, build, size, e2e; `--also=looks,webgpu,interop` for these too. Ends with `N passed, N failed`. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const cache = join(root, '.cache');
mkdirSync(cache, { recursive: true });

/** `report` is a test runner's JSON; a step without one counts as one test. */
const STEPS = [
  { name: 'format', command: ['npx', 'biome', 'format', '.'] },
  { name: 'lint', command: ['npx', 'biome', 'lint', '--error-on-warnings', '.'] },
  { name: 'types', command: ['npx', 'tsc', '--noEmit'] },
  {
    name: 'unit',
    command: [
      'npx',
      'vitest',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${join(cache, 'unit.json')}`,
    ],
    report: 'unit.json',
    count: (json) => [json.numPassedTests, json.numFailedTests + json.numFailedTestSuites],
  },
  {
    name: 'fuzz',
    command: ['node', 'tools/run.mjs', 'tools/fuzz/main.ts', '--minutes', '1', '--seed', '1'],
    report: 'fuzz.json',
    count: ({ passed, failed }) => [passed, failed],
  },
  { name: 'build', command: ['npx', 'vite', 'build', '--logLevel', 'warn'] },
  { name: 'size', command: ['node', 'tools/size.mjs'] },
  actsStep('e2e', '--grep-invert=@webgpu|@looks'),
  // Every scene in both looks and in a narrow window.
  { ...actsStep('looks', '--grep=@looks'), extra: true },
  // Every kind of module on WebGPU: minutes where it is computed in software.
  { ...actsStep('webgpu', '--grep=@webgpu'), extra: true },
  {
    // Needs Python and a gigabyte of its libraries: run when it is named.
    name: 'interop',
    command: ['node', 'tools/interop.mjs'],
    report: 'interop.json',
    count: ({ passed, failed }) => [passed, failed],
    extra: true,
  },
];

const also = process.argv.slice(2).flatMap((arg) => (arg.startsWith('--also=') ? arg.slice(7).split(',') : []));
const only = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const isWanted = ({ name, extra }) =>
  only.includes(name) || also.includes(name) || (only.length === 0 && extra !== true);
let passed = 0;
let failed = 0;
for (const step of STEPS.filter(isWanted)) {
  const started = Date.now();
  if (step.report) rmSync(join(cache, step.report), { force: true });
  console.log(`\n── ${step.name}`);
  const [command, ...args] = step.command;
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
    env: { ...process.env, ...step.env },
  });
  const [good, bad] = countTests(step, result.status === 0);
  passed += good;
  failed += bad;
  console.log(`── ${step.name}: ${bad === 0 ? 'ok' : 'FAILED'} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Acts in the browser, chosen by their tags. */
function actsStep(name, choice) {
  const report = `${name}.json`;
  return {
    name,
    command: ['npx', 'playwright', 'test', choice, '--reporter=list,json'],
    report,
    env: { PLAYWRIGHT_JSON_OUTPUT_NAME: join(cache, report) },
    count: ({ stats }) => [stats.expected + stats.flaky, stats.unexpected],
  };
}

function countTests(step, ok) {
  if (!step.report) return ok ? [1, 0] : [0, 1];
  try {
    const [good, bad] = step.count(JSON.parse(readFileSync(join(cache, step.report), 'utf8')));
    return [good, ok ? bad : Math.max(bad, 1)];
  } catch {
    return [0, 1];
  }
}
