import { fixture } from './fixtures.ts';
import { expect, test } from './page.ts';

test('a tensor in blocks is seen as numbers, with its scales; a number is changed after a cast', async ({ app }) => {
  const { page } = app;
  await app.start();
  await app.dropAndSee(fixture('gguf/tiny.gguf'));
  await page.getByRole('searchbox', { name: /filter/i }).fill('dtype:q8_0 blk.0');
  await app
    .row(/^weight Q8_0/)
    .first()
    .click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('blk.0.attn_q.weight');
  await page.getByRole('tab', { name: 'Info' }).click();
  const card = page.locator('section', { has: page.getByRole('heading', { name: 'Blocks', exact: true }) }).last();
  await expect(card).toContainText('32 elements in 34 bytes');
  await expect(card).toContainText('8.5');
  await expect(card.getByRole('row')).toHaveCount(9);
  await expect(card.getByRole('rowheader', { name: '[3, 32]' })).toBeVisible();
  expect(await app.violations()).toEqual([]);

  await page.getByRole('tab', { name: 'Values' }).click();
  const grid = page.getByRole('grid', { name: /^Values of/ });
  await grid.getByRole('gridcell').first().click();
  await page.keyboard.type('1');
  await page.keyboard.press('Enter');
  await expect(app.notices).toContainText('cast it to f32 or f16 first');
  await page.getByRole('button', { name: 'Cast to change numbers…' }).click();
  await expect(page.getByRole('dialog')).toContainText('blk.0.attn_q.weight');
});

test('numbers are cast to blocks, and seen as what these stand for', async ({ app }) => {
  const { page } = app;
  await app.start();
  await app.dropAndSee(fixture('gguf/tiny.gguf'));
  await page.getByRole('searchbox', { name: /filter/i }).fill('dtype:f16');
  await app.row(/^weight f16/).click();
  await page.getByRole('tab', { name: 'Values' }).click();
  await page.getByRole('button', { name: 'Edit tensor…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Element type').selectOption('q8_0');
  await expect(dialog).toContainText('share a scale');
  await dialog.getByRole('button', { name: 'Cast', exact: true }).click();
  await expect(dialog).toBeHidden();
  await page.getByRole('tab', { name: 'Info' }).click();
  await expect(page.getByText('made blocks of Q8_0')).toBeVisible();
  await expect(page.getByText('32 elements in 34 bytes')).toBeVisible();
});
