import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { example, fixture, withFolder } from './fixtures.ts';
import { expect, test } from './page.ts';

test('the tree is walked by keyboard alone', async ({ app, page }) => {
  await app.start();
  await app.drop(example('char-gpt.safetensors'));
  await app.tree.focus();
  await page.keyboard.press('Home');
  await expect(app.selected).toHaveAccessibleName(/^h /);
  await expect(app.selected).toHaveAttribute('aria-level', '1');
  await expect(app.selected).toHaveAttribute('aria-setsize', '4');
  await page.keyboard.press('ArrowRight');
  await expect(app.selected).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('ArrowDown');
  await expect(app.selected).toHaveAccessibleName(/^0 Block/);
  await expect(app.selected).toHaveAttribute('aria-level', '2');
  await page.keyboard.press('End');
  await expect(app.selected).toHaveAccessibleName(/weight f16 73×128/);
  await page.keyboard.press('Home');
  await page.keyboard.type('wp');
  await expect(app.selected).toHaveAccessibleName(/^wpe/);
  await page.keyboard.press('ArrowLeft');
  await expect(app.selected).toHaveAttribute('aria-expanded', 'false');
});

test('the filter answers as one types and says how many', async ({ app, page }) => {
  await app.start();
  await app.drop(example('char-gpt.safetensors'));
  await app.filter('c_attn dtype:f16');
  await expect(page.getByText('8 of 52')).toBeVisible();
  await expect(app.row(/c_attn/).first()).toBeVisible();
  await expect(app.row(/^wte/)).toHaveCount(0);
  await app.filter('shape:[128,*] -kind:Embedding');
  await expect(app.row(/weight f16 128×384/).first()).toBeVisible();
  await app.filter('/(/');
  await expect(page.getByRole('searchbox', { name: /filter/i })).toHaveAttribute('aria-invalid', 'true');
  await page.keyboard.press('Escape');
  await expect(app.row(/^wte/)).toBeVisible();
});

test('the flat table sorts every entry', async ({ app, page }) => {
  await app.start();
  await app.drop(example('digits-final.pt'));
  await page.getByRole('radio', { name: 'Table' }).click();
  const grid = page.getByRole('grid');
  await expect(grid.getByRole('row').nth(1)).toContainText('features.0.weight');
  const sortBy = (column: RegExp) =>
    grid.getByRole('columnheader', { name: column }).getByRole('button').first().click();
  // Of amounts the largest come first, of words the first; a third click returns to the file's order.
  await sortBy(/Params/);
  await expect(grid.getByRole('columnheader', { name: /Params/ })).toHaveAttribute('aria-sort', 'descending');
  await expect(grid.getByRole('row').nth(1)).toContainText('classifier.1.weight');
  await sortBy(/Params/);
  await expect(grid.getByRole('row').nth(1)).toContainText('num_batches_tracked');
  await sortBy(/Params/);
  await expect(grid.getByRole('row').nth(1)).toContainText('features.0.weight');
  await sortBy(/Key/);
  await expect(grid.getByRole('columnheader', { name: /Key/ })).toHaveAttribute('aria-sort', 'ascending');
  await expect(grid.getByRole('row').nth(1)).toContainText('classifier.1.bias');
});

test('tied tensors are shown with their other homes and counted once', async ({ app, page }) => {
  await app.start();
  await app.drop(fixture('pytorch/tied.bin'));
  await expect(app.tree).toBeVisible();
  await app.tree
    .getByRole('row')
    .filter({ has: page.getByRole('img', { name: /shares its storage/ }) })
    .first()
    .click();
  await expect(page.getByRole('region', { name: 'Selection' })).toContainText(/shares|tied/i);
});

test('a prompt opens in the editor, with its length', async ({ app, page }) => {
  await app.start();
  await app.drop(example('support-desk-after.json'));
  await app.filter('instructions');
  await app
    .row(/instructions/)
    .first()
    .click();
  await expect(page.locator('.monaco-editor').first()).toBeVisible();
  await expect(page.getByText(/words/).first()).toBeVisible();
});

test('the palette finds an entry and a command', async ({ app, page }) => {
  await app.start();
  await app.drop(example('digits-final.pt'));
  await expect(app.tree).toBeVisible();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox')).toBeFocused();
  await page.keyboard.type('classifier.3.b');
  await expect(page.getByRole('option', { name: /classifier\.3\.bias/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(app.selected).toHaveAccessibleName(/bias f32 10/);
});

test('keys pressed before the palette is there are not lost, and Enter takes the first answer', async ({
  app,
  page,
}) => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(/\/Overlays-[^/]*\.js$/, async (route) => {
    await held;
    await route.continue();
  });
  await app.start();
  await app.dropAndSee(example('digits-final.pt'));
  const filter = page.getByRole('searchbox', { name: /filter/i });
  await filter.focus();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('classifier.3.bb');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Enter');
  await expect(filter).toHaveValue('');
  release();
  await expect(app.selected).toHaveAccessibleName(/bias f32 10/);
  await expect(page.getByRole('combobox')).toHaveCount(0);
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox')).toHaveValue('');
});

test('Enter typed in one breath with the words opens what they name', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(example('char-gpt.safetensors'));
  await page.keyboard.press('Control+k');
  await page.keyboard.type('h.2.mlp.c_fc.w', { delay: 0 });
  await page.keyboard.press('Enter');
  await expect(app.selected).toHaveAccessibleName(/weight f16 128×512/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('h.2.mlp.c_fc.weight');
});

test('stepping through entries never shows an empty or waiting panel', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(example('digits-final.pt'));
  await app.row(/weight f32 32×1×3×3/).click();
  await expect(page.getByRole('grid', { name: /^Values/ })).toContainText('-0.17678');
  await page.evaluate(() => {
    const seen: string[] = [];
    (window as unknown as { seen: string[] }).seen = seen;
    const look = () => {
      const panel = document.querySelector('[role="tabpanel"]');
      if (!panel?.textContent) seen.push('empty');
      else if (panel.querySelector('[role="status"]')) seen.push('waiting');
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  for (let i = 0; i < 9; i++) await page.keyboard.press('ArrowDown');
  for (let i = 0; i < 9; i++) await page.keyboard.press('ArrowUp');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('features.0.weight');
  expect(await page.evaluate(() => (window as unknown as { seen: string[] }).seen)).toEqual([]);
});

test('stepping through texts keeps the editor', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(example('support-desk-after.json'));
  await app.filter('instructions');
  await app
    .row(/instructions/)
    .first()
    .click();
  const editor = page.locator('.monaco-editor').first();
  await expect(editor).toBeVisible();
  await editor.evaluate((element) => element.setAttribute('data-kept', ''));
  const first = await page.getByRole('heading', { level: 1 }).textContent();
  await page.keyboard.press('End');
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText(first ?? '');
  await expect(page.locator('.monaco-editor[data-kept]')).toBeVisible();
});

test('files beside a model are listed, and a click shows their text', async ({ app, page }) => {
  await withFolder(async (folder) => {
    await copyFile(example('char-gpt.safetensors'), join(folder, 'model.safetensors'));
    await writeFile(join(folder, 'config.json'), '{"model_type":"gpt2","n_layer":4}');
    await app.start();
    await app.dropAndSee(join(folder, 'model.safetensors'), join(folder, 'config.json'));
    const panel = page.getByRole('tabpanel');
    await expect(panel).toContainText('beside the model');
    await panel.getByRole('button', { name: 'config.json' }).click();
    await expect(page.getByRole('tab', { name: 'Metadata' })).toHaveAttribute('aria-selected', 'true');
    await expect(page.getByRole('region', { name: 'Text of config.json' })).toContainText('"n_layer": 4');
    await page.getByRole('button', { name: /config\.json/, expanded: true }).click();
    await expect(page.getByRole('region', { name: 'Text of config.json' })).toHaveCount(0);
  });
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true });
  test('one column: entries, one of them, and back', async ({ app, page }) => {
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    await app.start();
    await app.dropAndSee(example('char-gpt.safetensors'));
    expect(await overflow()).toBeLessThanOrEqual(0);
    const row = app.row(/^wte/);
    expect((await row.boundingBox())?.height).toBeGreaterThanOrEqual(36);
    await row.tap();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('wte');
    await expect(app.tree).toHaveCount(0);
    expect(await overflow()).toBeLessThanOrEqual(0);
    const back = page.getByRole('button', { name: 'Entries', exact: true });
    expect((await back.boundingBox())?.height).toBeGreaterThanOrEqual(36);
    await back.tap();
    await expect(app.selected).toHaveAccessibleName(/^wte/);
  });
});

test('a deep link comes back to the same place after the file is dropped again', async ({ app, page }) => {
  await app.start();
  await app.drop(example('digits-final.pt'));
  await app.row(/weight f32 32×1×3×3/).click();
  await expect(page).toHaveURL(/key=features\.0\.weight/);
  await page.reload();
  await expect(page.getByText(/digits-final\.pt.*again|Drop.*digits-final\.pt/).first()).toBeVisible();
  await app.drop(example('digits-final.pt'));
  await expect(app.selected).toHaveAccessibleName(/weight f32 32×1×3×3/);
});
