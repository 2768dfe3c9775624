import type { AddressInfo } from 'node:net';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { StateglassError } from '../src-core/index.ts';
import { listApp } from './app-files.ts';
import { OpenKeys } from './open-keys.ts';
import { createOpenServer } from './open-server.ts';
import { recoverFile } from './recover-file.ts';
import { describeFiles, resolveFiles } from './served-files.ts';
import { distinctFiles, type FoundFile, walkPath } from './walk-paths.ts';

export interface OpenCommandOptions {
  readonly port?: number | string;
}

/** The built page, seen from the compiled command. */
const APP = join(import.meta.dirname, '../../dist');

/** `open FILE|FOLDER…`: the page and these files, on this machine alone, until Ctrl-C. */
export async function open(paths: readonly string[], options: OpenCommandOptions): Promise<void> {
  const found = await findFiles(paths);
  for (const { path } of found) await recoverFile(path);
  const files = await resolveFiles(found);
  const keys = new OpenKeys();
  const server = createOpenServer({ app: await listApp(APP), files, keys });
  const port = readPort(options.port);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, port)));
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo;
  const sizes = await describeFiles(files);
  const bytes = sizes.reduce((sum, { size }) => sum + size, 0);
  const say = (text: string) => process.stdout.write(text);
  const sayAddress = (token: string) => say(`\n  http://127.0.0.1:${address.port}/#open=${token}\n`);
  say(
    `${files.length} file${files.length === 1 ? '' : 's'} (${bytes.toLocaleString('en')} bytes) to look at, once, at\n`,
  );
  sayAddress(keys.token);
  say(`\nFrom another machine, first:\n\n  ${tunnel(address.port)}\n\n`);
  say(`${process.stdin.isTTY ? 'Enter prints another address. ' : ''}Ctrl-C stops it.\n`);
  if (process.stdin.isTTY) process.stdin.on('data', () => sayAddress(keys.renew()));
}

async function findFiles(paths: readonly string[]): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const path of paths) {
    if (/^[a-z]+:\/\//i.test(path))
      throw new StateglassError({ kind: 'bad-input', detail: `${path} is an address: give it to the page itself` });
    found.push(...(await walkPath(path)));
  }
  if (found.length > 0) return distinctFiles(found);
  const detail = paths.length === 0 ? 'name a file or a folder' : `${paths.join(', ')}: no files here`;
  throw new StateglassError({ kind: 'bad-input', detail });
}

/** 0 lets the system choose. */
function readPort(asked: number | string | undefined): number {
  const port = Number(asked ?? 0);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new StateglassError({ kind: 'bad-input', detail: `--port takes a number up to 65535, not "${asked}"` });
}

function explain(error: NodeJS.ErrnoException, port: number): StateglassError {
  const detail =
    error.code === 'EADDRINUSE'
      ? `port ${port} is in use: choose another with --port`
      : error.code === 'EACCES'
        ? `this account may not use port ${port}: choose one above 1023`
        : error.message;
  return new StateglassError({ kind: 'bad-input', detail });
}

/** The port is the same on both sides: the server answers to no other. */
const tunnel = (port: number): string => `ssh -N -L ${port}:127.0.0.1:${port} ${userInfo().username}@${hostname()}`;
