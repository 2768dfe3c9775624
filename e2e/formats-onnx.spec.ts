import type { Page } from '@playwright/test';
import { fixture } from './fixtures.ts';
import { expect, test } from './page.ts';

/** The runtime is compiled when the first graph runs: some seconds, more beside other work. */
const RUN_MS = 60_000;
test.setTimeout(120_000);

const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true });
const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true });

test('an ONNX file with its external data: its nodes, what feeds one, and what it gives', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(fixture('onnx/external/weights.data'), fixture('onnx/external/model.onnx'));
  await tab(page, 'Nodes').click();
  const nodes = page.getByRole('grid', { name: 'Nodes' });
  await expect(nodes.getByRole('row')).toHaveCount(4);
  await page.getByRole('searchbox', { name: 'Find nodes' }).fill('gemm second');
  await expect(nodes.getByRole('row')).toHaveCount(2);
  await nodes.getByRole('row', { name: /second/ }).click();
  const detail = page.getByRole('complementary', { name: 'Selected node' });
  await expect(detail.getByText('transB')).toBeVisible();
  expect(await app.violations()).toEqual([]);
  await detail.getByRole('button', { name: 'from relu' }).click();
  await detail.getByRole('button', { name: 'Show its values' }).click();
  await expect(heading(page, 'r')).toBeVisible({ timeout: RUN_MS });
  await expect(heading(page, 'y')).toBeVisible();
  await tab(page, 'Nodes').click();
  await nodes.getByRole('row', { name: /second/ }).click();
  await detail.getByRole('button', { name: 'second.bias' }).click();
  await expect(app.selected).toContainText('bias');
});

test('an ONNX file without: an inner activation is shown', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(fixture('onnx/torch-traced.onnx'));
  await tab(page, 'Run').click();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(heading(page, 'logits')).toBeVisible({ timeout: RUN_MS });
  await page
    .getByRole('region', { name: 'Modules inside' })
    .getByRole('button', { name: '/layers.0/Softmax_output_0' })
    .click();
  await expect(heading(page, '/layers.0/Softmax_output_0')).toBeVisible({ timeout: RUN_MS });
  expect(await app.violations()).toEqual([]);
});
