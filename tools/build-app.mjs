/** Builds the page when it is older than what it is made of. */
import { fileURLToPath } from 'node:url';
import { isStale } from './stale.mjs';

const SOURCES = ['app', 'src-core', 'public', 'index.html', 'vite.config.ts', 'package-lock.json'];

export async function buildApp() {
  if (!isStale('dist/index.html', SOURCES)) return;
  const { build } = await import('vite');
  await build({ logLevel: 'warn', root: fileURLToPath(new URL('..', import.meta.url)) });
}
