import { readdir, readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { StateglassError } from '../src-core/index.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
};

/** The built page: its files by the paths they are asked by. Nothing outside this list can be asked for. */
export interface AppFiles {
  readonly paths: ReadonlyMap<string, string>;
  /** The page's own Content-Security-Policy, to be sent as a header too. */
  readonly policy: string;
}

export async function listApp(folder: string): Promise<AppFiles> {
  const html = await readFile(join(folder, 'index.html'), 'utf8').catch(() => undefined);
  if (html === undefined)
    throw new StateglassError({ kind: 'not-found', what: 'the page', detail: 'it is not built yet: npm run build' });
  const paths = new Map([['/', join(folder, 'index.html')]]);
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    paths.set(`/${relative(folder, path).split(sep).map(encodeURIComponent).join('/')}`, path);
  }
  const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(html)?.[1] ?? "default-src 'self'";
  return { paths, policy: `${policy}; frame-ancestors 'none'` };
}

export async function sendAppFile(path: string, isHead: boolean, response: ServerResponse): Promise<void> {
  const bytes = await readFile(path);
  const type = TYPES[extname(path)] ?? 'application/octet-stream';
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': bytes.length });
  response.end(isHead ? undefined : bytes);
}
