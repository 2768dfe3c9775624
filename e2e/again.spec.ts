import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from './page.ts';

/** A server that takes the question and never answers. */
async function withSilentServer(act: (address: string, dropped: () => number) => Promise<void>): Promise<void> {
  let dropped = 0;
  const server: Server = createServer((_, response) => {
    response.on('close', () => dropped++);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await act(`http://127.0.0.1:${(server.address() as AddressInfo).port}/slow.safetensors`, () => dropped);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

test('cancelling an opening stops it, and says so', async ({ app, page }) => {
  await withSilentServer(async (address, dropped) => {
    await app.start();
    await page.getByRole('button', { name: 'Open a URL' }).click();
    await page.getByRole('textbox', { name: 'Address' }).fill(address);
    await page.keyboard.press('Enter');
    const busy = page.getByRole('region', { name: 'Open' });
    await expect(busy).toContainText('Opening slow.safetensors');
    await expect(busy.getByRole('progressbar')).toBeVisible();
    expect(await app.violations()).toEqual([]);
    await busy.getByRole('button', { name: 'Cancel' }).click();
    await expect(app.notices.first()).toContainText('Cancelled');
    await expect(page.getByRole('button', { name: 'Open files' })).toBeVisible();
    await expect.poll(dropped).toBe(1);
  });
});

test('a file opened by the picker is opened again from the recent ones after a reload', async ({ app, page }) => {
  // The real dialog cannot be driven; a file of the page's own private file system gives the same kind of handle.
  await page.addInitScript(() => {
    (window as unknown as { showOpenFilePicker: unknown }).showOpenFilePicker = async () => {
      const root = await navigator.storage.getDirectory();
      const handle = await root.getFileHandle('digits-final.pt', { create: true });
      const writer = await handle.createWritable();
      await writer.write(await (await fetch('./examples/digits-final.pt')).blob());
      await writer.close();
      return [handle];
    };
  });
  await app.start();
  await page.getByRole('button', { name: 'Open files' }).click();
  await expect(app.tree).toBeVisible();
  await page.goto('about:blank');
  await app.start();
  await page
    .getByRole('region', { name: 'Recent' })
    .getByRole('button', { name: /^digits-final\.pt/ })
    .click();
  await expect(app.row(/weight f32 32×1×3×3/)).toBeVisible();
});
