import type { Page } from '@playwright/test';
import { fixture } from './fixtures.ts';
import { expect, test } from './page.ts';

/** The runtime is compiled when the first graph runs: some seconds, more beside other work. */
const RUN_MS = 60_000;
test.setTimeout(120_000);

const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true });

test('an ONNX file with its external data: its nodes, what feeds one, and what it gives before and after an edit', async ({
  app,
  page,
}) => {
  await app.start();
  await app.drop(fixture('onnx/external/weights.data'), fixture('onnx/external/model.onnx'));
  await expect(app.row(/first/)).toBeVisible();
  await tab(page, 'Nodes').click();
  const nodes = page.getByRole('grid', { name: 'Nodes' });
  await expect(nodes.getByRole('row')).toHaveCount(4);
  await page.getByRole('searchbox', { name: 'Filter nodes' }).fill('gemm second');
  await expect(nodes.getByRole('row')).toHaveCount(2);
  await nodes.getByRole('row', { name: /second/ }).click();
  const detail = page.getByRole('complementary', { name: 'Selected node' });
  await expect(detail.getByText('transB')).toBeVisible();
  await app.expectAccessible();
  await detail.getByRole('button', { name: 'Show its values' }).click();
  await expect(page.getByRole('heading', { name: 'y', exact: true })).toBeVisible({ timeout: RUN_MS });
});
