/** Makes a fresh checkout ready: installs packages when they are missing or stale and, with --browser, a browser for the tests. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findBrowser, findShell } from './browser.mjs';

const root = join(import.meta.dirname, '..');
const shell = process.platform === 'win32';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Stateglass needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

installPackages();
if (process.argv.includes('--browser')) installBrowser();

function installPackages() {
  const stamp = join(root, 'node_modules/.stateglass-lock');
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.log('Installing packages…');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, lock);
}

function installBrowser() {
  if (findShell()) return;
  console.log('Installing a browser for the tests…');
  const isRootOnDebian = process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  try {
    if (isRootOnDebian) {
      run('apt-get', ['update', '-qq']);
      run('apt-get', ['install', '-y', '-qq', 'chromium-headless-shell']);
    } else run('npx', ['playwright', 'install', '--only-shell', 'chromium']);
  } catch (error) {
    // A whole browser does too.
    if (findBrowser()) return;
    console.error(
      `No browser could be installed (${error.message}). Install Chrome or Chromium, or name one in STATEGLASS_BROWSER.`,
    );
    process.exit(1);
  }
}

function run(command, args) {
  execFileSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], shell });
}
