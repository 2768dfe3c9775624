import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { writeSafetensors } from '../tools/bench/sparse.ts';
import { example, withFolder } from './fixtures.ts';
import { expect, type Stateglass, test } from './page.ts';

/** The runtime is compiled when the first module runs: some seconds, more beside other work. */
const RUN_MS = 60_000;
test.setTimeout(180_000);

test.use({
  launchOptions: async ({ launchOptions }, use) =>
    use({
      ...launchOptions,
      // A machine without a GPU computes WebGPU in software.
      args: [
        ...(launchOptions.args ?? []),
        '--enable-unsafe-webgpu',
        '--enable-unsafe-swiftshader',
        '--use-webgpu-adapter=swiftshader',
      ],
    }),
});

async function openRun(app: Stateglass, path: string, module?: RegExp): Promise<void> {
  await app.start();
  await app.dropAndSee(path);
  if (module) await app.row(module).first().click();
  else await app.documentRow.click();
  await app.page.getByRole('tab', { name: 'Run', exact: true }).click();
}

const run = (page: Page) => page.getByRole('button', { name: 'Run', exact: true });
const again = (page: Page) => page.getByRole('button', { name: 'Run again', exact: true });
const where = (page: Page) => page.getByRole('status').filter({ hasText: /^(WebGPU|WASM)/ });

test('a run that takes long is stopped at once; the next one runs', async ({ app, page }) => {
  await withFolder(async (folder) => {
    const path = join(folder, 'wide.safetensors');
    await writeSafetensors(path, [{ name: 'wide.weight', shape: [4096, 4096] }]);
    await openRun(app, path, /^wide/);
    await page.getByRole('combobox', { name: 'Sample' }).selectOption({ label: 'Ones' });
    const rows = page.getByRole('spinbutton', { name: /^(Batch|Rows|Sequence)/ }).first();
    await rows.fill('2');
    await run(page).click();
    await expect(where(page)).toBeVisible({ timeout: RUN_MS });
    // Some hundred thousand million multiplications.
    await rows.fill('8192');
    const stop = page.getByRole('button', { name: 'Stop' });
    await expect(stop).toBeVisible();
    await page.waitForTimeout(2000);
    const begun = Date.now();
    await stop.click();
    await expect(page.getByRole('article').filter({ hasText: 'Stopped' })).toBeVisible();
    expect(Date.now() - begun).toBeLessThan(3000);
    expect(await app.violations()).toEqual([]);
    await rows.fill('3');
    await expect(page.getByText('f32 3×4096')).toBeVisible({ timeout: RUN_MS });
    await expect(page.getByRole('article').filter({ hasText: 'Stopped' })).toHaveCount(0);
  });
});

test('a text that is being made is stopped, and can be made again', async ({ app, page }) => {
  await openRun(app, example('char-gpt.safetensors'));
  await page.getByRole('spinbutton', { name: 'Tokens' }).fill('2000');
  const log = page.getByRole('log');
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(log).toHaveText(/^The statement .{8}/s, { timeout: RUN_MS });
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByText(/^Stopped after \d+ tokens\.$/)).toBeVisible();
  const length = (await log.textContent())!.length;
  await page.waitForTimeout(1000);
  expect((await log.textContent())!.length).toBe(length);
  await page.getByRole('spinbutton', { name: 'Tokens' }).fill('5');
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(page.getByText(/^Stopped/)).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Go on' })).toBeEnabled({ timeout: RUN_MS });
  await expect(log).toHaveText(/^The statement .{5}$/s);
  await run(page).click();
  await expect(where(page)).toBeVisible({ timeout: RUN_MS });
});

test('a WebGPU device that is lost is asked for anew', async ({ app, page, browser }) => {
  await openRun(app, example('digits-final.safetensors'));
  await page.getByRole('combobox', { name: 'Run on' }).selectOption('webgpu');
  await run(page).click();
  await expect(where(page)).toHaveText(/^WebGPU/, { timeout: RUN_MS });
  const numbers = page.getByRole('rowheader');
  const before = await numbers.allTextContents();
  const lost = await page.evaluateHandle(async () => {
    const { gpu } = navigator as unknown as {
      gpu: { requestAdapter(): Promise<{ requestDevice(): Promise<Device> }> };
    };
    interface Device {
      readonly lost: Promise<{ readonly reason: string }>;
    }
    const device = await (await gpu.requestAdapter()).requestDevice();
    return { reason: device.lost.then(({ reason }) => reason) };
  });
  const session = await browser.newBrowserCDPSession();
  await session.send('Browser.crashGpuProcess').catch(() => undefined);
  // Every device of the page is gone.
  expect(await lost.evaluate(({ reason }) => reason)).toBe('unknown');
  await again(page).click();
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0, { timeout: RUN_MS });
  await expect(where(page)).toHaveText(/^(WebGPU|WASM, because )/);
  expect(await numbers.allTextContents()).toEqual(before);
  await expect(page.getByText('It did not run')).toHaveCount(0);
});

test('WebGPU that fails is not tried at each run, and says why; it can be tried again', async ({ app, page }) => {
  let asked = 0;
  await page.context().route(/ort-wasm.*asyncify.*\.wasm/, (route) => {
    asked++;
    return route.abort();
  });
  await openRun(app, example('digits-final.safetensors'));
  await page.getByRole('combobox', { name: 'Run on' }).selectOption('webgpu');
  await run(page).click();
  await expect(where(page)).toHaveText(/^WASM, because WebGPU failed: /, { timeout: RUN_MS });
  const first = asked;
  expect(first).toBeGreaterThan(0);
  await again(page).click();
  await expect(where(page)).toHaveText(/^WASM, because WebGPU failed before: /);
  expect(asked).toBe(first);
  expect(await app.violations()).toEqual([]);
  await page.context().unroute(/ort-wasm.*asyncify.*\.wasm/);
  await page.getByRole('button', { name: 'Try WebGPU again' }).click();
  await expect(where(page)).toHaveText(/^WebGPU · /, { timeout: RUN_MS });
  // The browser logs what was kept from it.
  app.errors.splice(0, app.errors.length);
});
