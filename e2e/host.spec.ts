import { createReadStream, existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { example } from './fixtures.ts';
import { expect, test } from './page.ts';

const DIST = join(import.meta.dirname, '../dist');
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** The plainest static host: a sub-path, and no headers but the type. */
async function serveUnder(path: string): Promise<{ server: Server; address: string }> {
  const server = createServer((request, response) => {
    const asked = new URL(request.url ?? '/', 'http://host').pathname;
    const name = asked.startsWith(path) ? asked.slice(path.length) || 'index.html' : undefined;
    const file = name && join(DIST, name);
    if (!file || !existsSync(file)) return void response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}` };
}

test('the built page works from any static host under any path', async ({ app, page }) => {
  const { server, address } = await serveUnder('/tools/state/glass/');
  try {
    await page.goto(address);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    await app.drop(example('digits-final.pt'));
    await expect(app.row(/^features Sequential/)).toBeVisible();
    await expect(page.getByText('one thread')).toBeVisible();
    await page.reload();
    await page
      .getByRole('region', { name: 'Examples' })
      .getByRole('button', { name: /^Character GPT(?!,)/ })
      .click();
    await expect(app.documentRow).toContainText('char-gpt.safetensors');
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('served by its own command the page is isolated', async ({ app, page }) => {
  await app.start();
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await expect(page.getByText('one thread')).toHaveCount(0);
});
