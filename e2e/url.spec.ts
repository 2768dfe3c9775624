import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { example } from './fixtures.ts';
import { expect, test as plain, Stateglass } from './page.ts';

interface Remote {
  readonly address: string;
  readonly ranges: string[];
  sent(): number;
}

/** A static host for models: CORS and, when asked, Range. */
const test = plain.extend<{ withRange: boolean; remote: Remote }>({
  withRange: [true, { option: true }],
  remote: async ({ withRange }, use) => {
    const file = readFileSync(example('char-gpt.safetensors'));
    const ranges: string[] = [];
    let sent = 0;
    const server: Server = createServer((request, response) => {
      response.setHeader('Access-Control-Allow-Origin', '*');
      response.setHeader('Access-Control-Allow-Headers', 'Range, If-Range, If-Match');
      response.setHeader('Access-Control-Expose-Headers', 'Content-Range, Content-Length, ETag, Accept-Ranges');
      response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
      if (request.method === 'OPTIONS') return void response.writeHead(204).end();
      if (request.url !== '/model.safetensors') return void response.writeHead(404).end();
      const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
      if (!asked || !withRange) {
        sent += file.length;
        return void response.writeHead(200, { 'Content-Length': file.length }).end(file);
      }
      const start = Number(asked[1]);
      const end = Math.min(asked[2] ? Number(asked[2]) : file.length - 1, file.length - 1);
      ranges.push(request.headers.range ?? '');
      sent += end - start + 1;
      response.writeHead(206, {
        'Content-Range': `bytes ${start}-${end}/${file.length}`,
        'Content-Length': end - start + 1,
        ETag: '"1"',
      });
      response.end(file.subarray(start, end + 1));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await use({ address: `http://127.0.0.1:${port}/model.safetensors`, ranges, sent: () => sent });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  },
});

async function openUrl(app: Stateglass, address: string): Promise<void> {
  await app.page.getByRole('button', { name: 'Open a URL' }).click();
  await app.page.getByRole('textbox', { name: 'Address' }).fill(address);
  await app.page.keyboard.press('Enter');
}

test('a URL is opened by Range', async ({ app, remote }) => {
  await app.start();
  await openUrl(app, remote.address);
  await expect(app.row(/^wte/)).toBeVisible();
  expect(remote.ranges[0]).toBe('bytes=0-0');
  expect(remote.sent()).toBeLessThan(1_100_000);
});

test('a link to a URL asks before it makes a request', async ({ app, page, remote }) => {
  await page.goto(`./#url=${encodeURIComponent(remote.address)}&key=wte.weight`);
  await expect(page.getByRole('dialog', { name: /open this address/i })).toBeVisible();
  expect(remote.sent()).toBe(0);
  await page.getByRole('button', { name: /^Open from/ }).click();
  await expect(app.selected).toHaveAccessibleName(/weight f16 73×128/);
});

test('a URL that is not there is explained', async ({ page, remote }) => {
  const app = new Stateglass(page);
  await app.start();
  await openUrl(app, remote.address.replace('model', 'missing'));
  await expect(app.notices.first()).toContainText('404');
});

test.describe('a server without Range', () => {
  test.use({ withRange: false });
  test('the file is downloaded whole', async ({ app, remote }) => {
    await app.start();
    await openUrl(app, remote.address);
    await expect(app.row(/^wte/)).toBeVisible();
    expect(remote.ranges).toEqual([]);
  });
});
