import { example, fixture } from './fixtures.ts';
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
  await grid
    .getByRole('columnheader', { name: /Params/ })
    .getByRole('button')
    .first()
    .click();
  await expect(grid.getByRole('row').nth(1)).toContainText('classifier.1.weight');
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
