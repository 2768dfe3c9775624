/**
 * Whether the libraries of the field read what this program writes: runs `tools/interop/*.py`. The Python is STATEGLASS_PYTHON,
 * or one of a virtual environment that is made outside the project and kept. Ends with `N passed, N failed`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'tools/interop');
const cache = join(root, '.cache');

const python = process.env.STATEGLASS_PYTHON ?? prepareEnvironment();
// Compiled once, before scripts call the command many times.
execFileSync(process.execPath, [join(root, 'tools/cli.mjs'), '--version'], { stdio: 'ignore' });

let passed = 0;
let failed = 0;
for (const script of readdirSync(folder).filter((name) => name.endsWith('.py'))) {
  console.log(`── ${script}`);
  const { stdout } = spawnSync(python, [join(folder, script)], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.stdout.write(stdout ?? '');
  const counts = /^(\d+) passed, (\d+) failed$/m.exec(stdout ?? '');
  passed += Number(counts?.[1] ?? 0);
  // A script that ends without counting has failed, whatever it did before.
  failed += Number(counts?.[2] ?? 1);
}
mkdirSync(cache, { recursive: true });
writeFileSync(join(cache, 'interop.json'), JSON.stringify({ passed, failed }));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** The Python of an environment with exactly the required packages. */
function prepareEnvironment() {
  const requirements = join(folder, 'requirements.txt');
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const parent = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'stateglass');
  const home = join(parent, `interop-${hash}`);
  const inside = process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python';
  const stamp = join(home, 'stateglass-complete');
  if (!existsSync(stamp)) {
    console.log('Installing the Python libraries…');
    mkdirSync(parent, { recursive: true });
    rmSync(home, { recursive: true, force: true });
    run(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', home]);
    run(join(home, inside), ['-m', 'pip', 'install', '--quiet', '-r', requirements]);
    writeFileSync(stamp, '');
  }
  return join(home, inside);
}

function run(command, args) {
  execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
}
