/**
 * The Chromium that the tests and benchmarks drive. In this order: STATEGLASS_BROWSER; the headless shell, which is the same
 * engine without the windows of a desktop browser and takes half the time; an installed Chrome or Chromium. Of each, the installed
 * one comes before Playwright's own download.
 */
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const SHELLS = ['/usr/bin/chromium-headless-shell'];
const BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:/Program Files/Google/Chrome/Application/chrome.exe',
  'C:/Program Files (x86)/Google/Chrome/Application/chrome.exe',
];

/** Path of a browser, or undefined when there is none yet. */
export const findBrowser = () => findShell() ?? BROWSERS.find((path) => existsSync(path)) ?? findDownloaded('chromium');

/** The one that was asked for, or the shell; undefined when there is none yet. */
export const findShell = () =>
  process.env.STATEGLASS_BROWSER ||
  (SHELLS.find((path) => existsSync(path)) ?? findDownloaded('chromium_headless_shell'));

/** Where Playwright's downloads have their programs: folders `chrome-SYSTEM`, or `chrome-headless-shell-SYSTEM`. */
const PROGRAMS = [
  'chrome',
  'chrome.exe',
  'headless_shell',
  'headless_shell.exe',
  'chrome-headless-shell',
  'chrome-headless-shell.exe',
  'Chromium.app/Contents/MacOS/Chromium',
  'Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing',
];

function findDownloaded(kind) {
  const root =
    process.env.PLAYWRIGHT_BROWSERS_PATH ??
    {
      darwin: join(homedir(), 'Library/Caches/ms-playwright'),
      win32: join(process.env.LOCALAPPDATA ?? '', 'ms-playwright'),
    }[process.platform] ??
    join(homedir(), '.cache/ms-playwright');
  if (!existsSync(root)) return undefined;
  const builds = readdirSync(root).filter((name) => name.startsWith(`${kind}-`));
  return builds
    .sort()
    .reverse()
    .flatMap((build) => readdirSync(join(root, build)).map((folder) => join(root, build, folder)))
    .flatMap((folder) => PROGRAMS.map((path) => join(folder, path)))
    .find((path) => existsSync(path));
}

/** No request of the browser's own may blur "no request leaves the page". */
export const BROWSER_ARGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
