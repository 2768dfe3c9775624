import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { llama7b, mixtureOfExperts, writeSafetensors } from '../tools/bench/sparse.ts';
import { example, withFolder } from './fixtures.ts';
import { expect, type Stateglass, test } from './page.ts';

async function compare(app: Stateglass, a: string, b: string): Promise<void> {
  await app.start();
  await app.dropAndSee(a, b);
  await app.page
    .getByRole('region', { name: 'Opened together' })
    .getByRole('button', { name: 'Compare', exact: true })
    .click();
  await expect(app.page.getByRole('tab', { name: 'Comparison' })).toBeVisible();
}

const metric = (page: Page, name: string) =>
  page.getByRole('tabpanel').locator('dl > div', { hasText: name }).locator('dd').first();

test('two stages of one training: one tree, the farthest apart first, and the numbers of both', async ({
  app,
  page,
}) => {
  await compare(app, example('digits-epoch1.safetensors'), example('digits-final.safetensors'));
  await expect(page.getByText('18 tensors: 18 changed.')).toBeVisible();
  await expect(app.documentRow).toContainText('18 pairs');
  const worst = page.getByRole('region', { name: 'Values differ' });
  await expect(worst.getByRole('row').nth(1)).toContainText('features.4.bias');
  await worst.getByRole('button', { name: 'classifier.1.weight' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('classifier.1.weight');
  await expect(metric(page, 'Largest |Δ|')).toContainText('0.30429');
  await expect(metric(page, 'Relative L2')).toHaveText('2.1615');
  await page.getByRole('button', { name: 'at [7, 451]' }).click();
  const numbers = page.getByRole('region', { name: 'Numbers' });
  await expect(numbers).toContainText('[7, 451]');
  await expect(numbers).toContainText('A 0.018225');
  await expect(numbers).toContainText('B 0.322515');
  await expect(page.getByRole('slider', { name: 'Histogram of differences' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Most changed cells' }).getByRole('row')).toHaveCount(33);
  expect(await app.violations()).toEqual([]);
});

test('a filter asks for pairs; the table sorts them by how far apart they are', async ({ app, page }) => {
  await compare(app, example('digits-epoch1.safetensors'), example('digits-final.pt'));
  await expect(page.getByText('18 tensors: 18 changed.')).toBeVisible();
  await app.filter('rel:>1');
  await expect(page.getByText(/^\d of 18$/)).toBeVisible();
  await app.filter('status:same');
  await expect(page.getByText('Nothing matches')).toBeVisible();
  await app.filter('');
  await page.getByRole('radio', { name: 'Table' }).first().click();
  const grid = page.getByRole('grid', { name: /^Entries of/ });
  await grid.getByRole('columnheader', { name: 'Rel. L2' }).getByRole('button').first().click();
  await expect(grid.getByRole('row').nth(1)).toContainText('features.4.bias');
});

test('the same weights in two formats are the same', async ({ app, page }) => {
  await compare(app, example('digits-final.pt'), example('digits-final.safetensors'));
  await expect(page.getByText('18 tensors, and all are the same.')).toBeVisible();
  await expect(app.row(/weight f32 96×1024 same/)).toBeVisible();
});

test('prompts before and after: texts side by side, spellings of one value the same', async ({ app, page }) => {
  await compare(app, example('support-desk-before.toml'), example('support-desk-after.json'));
  await expect(page.getByText('55 entries: 7 changed.')).toBeVisible();
  await page
    .getByRole('region', { name: 'Texts and other values differ' })
    .getByRole('button', { name: 'triage.instructions' })
    .click();
  await expect(page.locator('.monaco-diff-editor.side-by-side')).toBeVisible();
  await page.getByRole('tab', { name: 'Text', exact: true }).click();
  await page.getByRole('radiogroup', { name: 'Side' }).getByText('B').click();
  await expect(page.getByRole('textbox', { name: 'Text of triage.instructions' })).toBeVisible();
  expect(await app.violations()).toEqual([]);
});

test('sides are swapped and chosen; a link leads to the pair; ending leads back', async ({ app, page }) => {
  await compare(app, example('digits-epoch1.safetensors'), example('digits-final.safetensors'));
  await app.row(/weight f32 96×1024/).click();
  await page.getByRole('button', { name: 'Swap sides' }).click();
  await expect(page.getByRole('button', { name: 'A: digits-final.safetensors' })).toBeVisible();
  await expect(metric(page, 'Relative L2')).toHaveText('0.86454');
  await expect(page).toHaveURL(/doc=digits-final\.safetensors&with=digits-epoch1\.safetensors/);
  const { hash } = new URL(page.url());
  await page.getByRole('button', { name: 'End comparing' }).click();
  await expect(page.getByRole('tab', { name: 'Difference' })).toHaveCount(0);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('classifier.1.weight');
  await page.goto('about:blank');
  await app.start(hash);
  await app.dropAndSee(example('digits-final.safetensors'), example('digits-epoch1.safetensors'));
  await expect(page.getByRole('tab', { name: 'Difference' })).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('classifier.1.weight');
});

async function renameFeatures(app: Stateglass): Promise<void> {
  const { page } = app;
  await app.start();
  await app.dropAndSee(example('digits-final.safetensors'));
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Rename entries by a rule');
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Regular expression' }).fill('^features\\.');
  await page.getByRole('textbox', { name: /^Becomes/ }).fill('conv.');
  await page.getByRole('button', { name: 'Rename 14' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.getByRole('button', { name: 'Compare with…' }).click();
  await page.getByRole('menuitem', { name: 'Compare with its saved state' }).click();
  await expect(page.getByText('18 tensors: 14 renamed.')).toBeVisible();
}

test('renames are found, accepted, rejected, and decided by a rule', async ({ app, page }) => {
  await renameFeatures(app);
  await page.getByRole('tab', { name: 'Renames' }).click();
  const list = page.getByRole('region', { name: 'Renamed entries' });
  await list.getByRole('button', { name: 'Accept features.0.weight' }).click();
  await expect(list.getByRole('row', { name: /features\.0\.weight/ })).toContainText('pinned');
  await list.getByRole('button', { name: 'Reject features.3.bias' }).click();
  await expect(page.getByText('has no partner in B')).toBeVisible();
  await expect(app.documentRow).toContainText('19 pairs');
  await page.getByRole('textbox', { name: 'Regular expression' }).fill('^features');
  await page.getByRole('textbox', { name: 'Becomes' }).fill('conv');
  await expect(page.getByRole('status').filter({ hasText: '12 pairs by rule' })).toBeVisible();
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(list.getByRole('row', { name: /features\.1\.weight/ })).toContainText('by your rule');
  expect(await app.violations()).toEqual([]);
});

test('a side is taken, as an edit that can be undone', async ({ app, page }) => {
  await compare(app, example('support-desk-before.toml'), example('support-desk-after.toml'));
  await app.filter('triage.instructions');
  await app.row(/^instructions/).click();
  await page.getByRole('button', { name: 'Take', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Take B into A' }).click();
  await expect(page.getByText('The same on both sides')).toBeVisible();
  const edits = page.getByRole('contentinfo').getByRole('button', { name: /^Edits/ });
  await expect(edits).toHaveText('Edits 1');
  await app.tree.focus();
  await page.keyboard.press('Control+z');
  await expect(edits).toHaveText('Edits 0');
  await expect(page.locator('.monaco-diff-editor')).toBeVisible();
});

test('a report is saved as a page, as Markdown, as JSON', async ({ app, page }) => {
  await compare(app, example('digits-epoch1.safetensors'), example('digits-final.safetensors'));
  await expect(page.getByText('18 tensors: 18 changed.')).toBeVisible();
  for (const [name, ending, words] of [
    ['As a page', 'html', '<h1>'],
    ['As Markdown', 'md', 'features.4.bias'],
    ['As JSON', 'json', '"changed":18'],
  ] as const) {
    await page.getByRole('button', { name: 'Report' }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name }).click()]);
    expect(download.suggestedFilename()).toBe(`digits-epoch1-against-digits-final.${ending}`);
    expect(await readFile(await download.path(), 'utf8')).toContain(words);
  }
});

test('shapes that differ are explained; many bytes are read when a person says so', async ({ app, page }) => {
  await withFolder(async (folder) => {
    const [small, grown] = [join(folder, 'small.safetensors'), join(folder, 'grown.safetensors')];
    const specs = llama7b(1);
    await writeSafetensors(small, specs);
    await writeSafetensors(
      grown,
      specs.map((spec) => ({ ...spec, shape: spec.shape.map((dim) => (dim === 32_000 ? 32_064 : dim)) })),
    );
    await compare(app, small, grown);
    // Two norms are small and in view: they are compared unasked.
    await expect(page.getByText('12 tensors: 2 changed, 8 not compared yet.')).toBeVisible();
    await page
      .getByRole('region', { name: 'Type or shape differs' })
      .getByRole('button', { name: /embed_tokens/ })
      .click();
    await expect(page.getByText('All axes agree but axis 0: B has 64 more there.')).toBeVisible();
    await app.documentRow.click();
    await page.getByRole('button', { name: /^Compare all values \(/ }).click();
    await expect(page.getByText('12 tensors: 2 changed.')).toBeVisible({ timeout: 30_000 });
  });
});

test('by keyboard alone: from the offer to the cell that changed most', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(example('digits-epoch1.safetensors'), example('digits-final.safetensors'));
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Compare with digits');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('tab', { name: 'Comparison' })).toBeVisible();
  await app.tree.focus();
  await page.keyboard.press('Home');
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('classifier.1.weight');
  const there = page.getByRole('button', { name: /^at \[/ });
  await there.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('grid', { name: /^Difference of/ }).focus();
  await page.keyboard.press('ArrowLeft');
  await expect(page.getByRole('region', { name: 'Numbers' })).toContainText('[7, 450]');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('End comparing');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('tab', { name: 'Difference' })).toHaveCount(0);
});

async function bothTrees(app: Stateglass): Promise<void> {
  await app.page.getByRole('radio', { name: 'Side by side' }).click();
  await expect(app.tree).toHaveAccessibleName(/^Modules and entries of .+ and /);
}

test('two trees side by side: one line for a pair, keys that go on either side, what is missing told', async ({
  app,
  page,
}) => {
  await renameFeatures(app);
  await bothTrees(app);
  await page.getByRole('button', { name: 'Columns and rows' }).click();
  await page.getByRole('menuitem', { name: 'Expand all' }).click();
  // Both names of what was renamed stand in one row.
  await expect(app.row(/^features .+ conv/)).toBeVisible();
  // A click on B selects the pair, and B is the side that is looked at.
  await app
    .row(/^weight f32 96×1024/)
    .getByRole('gridcell', { name: 'weight' })
    .last()
    .click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('classifier.1.weight');
  await page.getByRole('tab', { name: 'Info' }).click();
  await expect(page.getByRole('radio', { name: 'B', exact: true })).toBeChecked();
  await app.tree.focus();
  await page.keyboard.press('Shift+ArrowLeft');
  await expect(page.getByRole('radio', { name: 'A', exact: true })).toBeChecked();
  // The arrows are those of a tree: up to the parent, closed for both.
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expect(app.row('1 f32 same 1 f32').first()).toHaveAttribute('aria-expanded', 'false');
  expect(await app.violations()).toEqual([]);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Show one tree');
  await page.keyboard.press('Enter');
  await expect(app.tree).toHaveAccessibleName(/ ⇄ /);
});

test('each side scrolls sideways by itself; both go down as one; without room there is one tree, which says so', async ({
  app,
  page,
}) => {
  await compare(app, example('digits-epoch1.safetensors'), example('digits-final.pt'));
  await bothTrees(app);
  const line = page.getByRole('separator', { name: 'Width of A' });
  await line.focus();
  for (let i = 0; i < 8; i++) await page.keyboard.press('ArrowLeft');
  await expect(line).toHaveAttribute('aria-valuenow', '34');
  const first = app.row(/^classifier/).first();
  const leftOf = async (side: 0 | 1) => {
    const box = await first.getByText('classifier', { exact: true }).nth(side).boundingBox();
    return Math.round(box?.x ?? Number.NaN);
  };
  const [leftA, leftB] = [await leftOf(0), await leftOf(1)];
  await first.getByText('classifier', { exact: true }).first().hover();
  await page.mouse.wheel(50, 0);
  await expect.poll(() => leftOf(0)).toBe(leftA - 50);
  expect(await leftOf(1)).toBe(leftB);
  await page.mouse.wheel(0, 10_000);
  // The last row is in view on both sides at once: it is one row.
  const last = app.row(/weight f32 64 changed weight f32 64/).last();
  await expect(last).toBeInViewport();
  await page.setViewportSize({ width: 360, height: 780 });
  await expect(page.getByRole('note')).toHaveText(/^One tree: side by side needs 700 pixels/);
  expect(await app.violations()).toEqual([]);
});

test('an edit while two are compared: its difference is another, the rest stays', async ({ app, page }) => {
  await compare(app, example('digits-epoch1.safetensors'), example('digits-final.safetensors'));
  await expect(page.getByText('18 tensors: 18 changed.')).toBeVisible();
  await bothTrees(app);
  await app
    .row(/^features/)
    .first()
    .click();
  await page.keyboard.press('ArrowLeft');
  await app
    .row(/^weight f32 96×1024/)
    .first()
    .click();
  await expect(metric(page, 'Relative L2')).toHaveText('2.1615');
  await page.getByRole('button', { name: 'Take', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Take B into A' }).click();
  await expect(metric(page, 'Relative L2')).toHaveText('0');
  await expect(app.row('weight edited f32 96×1024 same weight f32 96×1024')).toHaveAttribute('aria-selected', 'true');
  await expect(app.row(/^features/).first()).toHaveAttribute('aria-expanded', 'false');
  await app.documentRow.click();
  await expect(page.getByText('18 tensors: 17 changed.')).toBeVisible();
});

test('of many entries, tensors are looked into when a person says so', async ({ app, page }) => {
  await withFolder(async (folder) => {
    const [a, b] = [join(folder, 'a.safetensors'), join(folder, 'b.safetensors')];
    const specs = mixtureOfExperts(20_100);
    await writeSafetensors(a, specs);
    await writeSafetensors(
      b,
      specs.map((spec, i) => (i % 2000 === 0 ? { ...spec, name: `${spec.name}_${i}` } : spec)),
    );
    await compare(app, a, b);
    await page.getByRole('tab', { name: 'Renames' }).click();
    await expect(page.getByText('22 tensors without a partner')).toBeVisible({ timeout: 30_000 });
    expect(await app.violations()).toEqual([]);
    const look = page.getByRole('button', { name: /^Look for renames by content \([\d.]+ kB to read\)$/ });
    await look.click();
    await expect(look).toHaveCount(0);
    await expect(page.getByRole('region', { name: 'Renamed entries' })).toContainText('the same content', {
      timeout: 30_000,
    });
  });
});
