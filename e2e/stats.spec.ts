import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { llama7b, writeSafetensors } from '../tools/bench/sparse.ts';
import { example, fixture, withFolder } from './fixtures.ts';
import { expect, type Stateglass, test } from './page.ts';

interface Golden {
  readonly entries: readonly { readonly key: string; readonly stats: Readonly<Record<string, number>> }[];
}

const fact = (app: Stateglass, name: string) =>
  app.page
    .getByRole('tabpanel')
    .locator('dl > div', { has: app.page.getByText(name, { exact: true }) })
    .locator('dd');

async function showStatistics(app: Stateglass, row: RegExp): Promise<void> {
  await app.row(row).first().click();
  await app.openTab('Statistics');
}

test('statistics of a tensor are those of NumPy', async ({ app }) => {
  const golden: Golden = JSON.parse(readFileSync(fixture('stats/numbers.safetensors.json'), 'utf8'));
  const wanted = golden.entries.find(({ key }) => key === 'special.f32')?.stats ?? {};
  await app.start();
  await app.dropAndSee(fixture('stats/numbers.safetensors'));
  await app.filter('special.f32');
  await showStatistics(app, /f32/);
  await expect(fact(app, 'Elements')).not.toHaveText('–');
  const shown = async (name: string) =>
    Number((await fact(app, name).textContent())?.split(' ')[0]?.replaceAll(',', ''));
  for (const [name, field] of [
    ['Elements', 'count'],
    ['NaN', 'nan'],
    ['+∞', 'posinf'],
    ['−∞', 'neginf'],
    ['Zeros', 'zeros'],
  ] as const)
    expect(await shown(name), name).toBe(wanted[field]);
  expect(await shown('Mean')).toBeCloseTo(Number(wanted.mean), 8);
  expect(await shown('L2 norm')).toBeCloseTo(Number(wanted.l2), 3);
});

test('the histogram is read by keyboard, on both scales, and as a table', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(example('digits-final.safetensors'));
  await showStatistics(app, /weight f32 32×1×3×3/);
  const chart = page.getByRole('slider', { name: 'Histogram of values' });
  await chart.focus();
  await page.keyboard.press('Home');
  await expect(chart).toHaveAttribute('aria-valuetext', /^-0\.49\d* to .*: 1 /);
  await page.getByRole('radio', { name: 'Log' }).click();
  await chart.focus();
  await page.keyboard.press('Home');
  await expect(chart).toHaveAttribute('aria-valuetext', /: 1 /);
  await page
    .getByRole('radiogroup', { name: /distribution as/ })
    .getByText('Table')
    .click();
  await expect(page.getByRole('region', { name: 'Table of the distribution' }).getByRole('row')).toHaveCount(25);
});

test('a place of an extreme leads to the values, a dead index to its row', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(fixture('stats/numbers.safetensors'));
  await app.filter('channels.f32');
  await showStatistics(app, /f32/);
  const odd = page.getByRole('tabpanel').locator('dl > div', { has: page.getByText('All zero', { exact: true }) });
  await expect(odd.getByRole('button')).toHaveText(['3', '9']);
  await odd.getByRole('button', { name: '9' }).click();
  await expect(page.getByRole('tab', { name: 'Values' })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('textbox', { name: /slice/i })).toHaveValue(/^9, :/);
});

test('many bytes are read when a person says so; a scan is cancelled and keeps what is done', async ({ app, page }) => {
  await withFolder(async (folder) => {
    const path = join(folder, 'llama-7b.safetensors');
    await writeSafetensors(path, llama7b());
    await app.start();
    await app.dropAndSee(path);
    await app.filter('embed_tokens');
    await expect(page.getByText('1 of 291')).toBeVisible();
    await showStatistics(app, /weight bf16/);
    await page.getByRole('button', { name: 'Compute (262.1 MB to read)' }).click();
    await expect(fact(app, 'Zeros')).toContainText('131,072,000 (100 %)', { timeout: 30_000 });
    await app.documentRow.click();
    const scan = page.getByRole('button', { name: /^Scan all values \(13\.5 GB/ });
    await scan.click();
    const panel = page.getByRole('tabpanel');
    await expect(panel.getByRole('progressbar', { name: /Scanning/ })).toBeVisible();
    await expect(page.getByRole('status', { name: 'Tasks' })).toContainText('Scanning llama-7b.safetensors');
    await expect(panel).toContainText(/MB\/s|GB\/s/);
    await panel.getByRole('button', { name: 'Cancel' }).click();
    await expect(panel.getByRole('status')).toContainText('Cancelled after');
    await expect(page.getByRole('status', { name: 'Tasks' })).not.toContainText('Scanning');
    await app.filter('zeros:100%');
    await expect(page.getByText(/^\d+ of 291, \d+ not scanned$/)).toBeVisible();
  });
});

test('a scan fills the table, sorts it, and answers a filter', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(example('char-gpt.safetensors'));
  await app.openTab('Statistics');
  await app.filter('std:>0.1');
  await expect(page.getByText(/52 not scanned|not scanned$/)).toBeVisible();
  await page.getByRole('button', { name: /^Scan all values/ }).click();
  await expect(page.getByText(/^52 tensors, 1\.64 MB in /)).toBeVisible();
  await expect(page.getByText(/^\d+ of 52$/)).toBeVisible();
  const table = page.getByRole('grid', { name: 'Statistics of tensors' });
  await table.getByRole('columnheader', { name: 'Std' }).getByRole('button').first().click();
  const stds = async () =>
    (await table.getByRole('row').locator('[aria-colindex="3"]').allTextContents()).slice(1, 12).map(Number);
  await expect.poll(stds).toEqual((await stds()).toSorted((a, b) => b - a));
  await table.getByRole('row').nth(3).click();
  await expect(page.getByRole('slider', { name: 'Histogram of values' })).toBeVisible();
});

test('one tensor over depth: a click on a block goes there', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(example('char-gpt.safetensors'));
  await app.filter('h.1.attn.c_attn.weight');
  await expect(page.getByText('1 of 52')).toBeVisible();
  await showStatistics(app, /weight f16/);
  const panel = page.getByRole('tabpanel');
  await expect(panel).toContainText('h.*.attn.c_attn.weight');
  await expect(panel).toContainText('4 blocks, 393.2 kB in');
  const line = page.getByRole('slider', { name: /^Std of h\.\*\.attn/ });
  await line.focus();
  await page.keyboard.press('End');
  await expect(line).toHaveAttribute('aria-valuetext', /^3: 0\.05/);
  await page.getByRole('button', { name: /^Block 3: standard deviation/ }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('h.3.attn.c_attn.weight');
});

test('columns of statistics are filled for the rows on screen', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(example('digits-final.safetensors'));
  await page.getByRole('button', { name: 'Columns and rows' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Std' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Alignment' }).click();
  await page.keyboard.press('Escape');
  await expect(app.row(/weight f32.* 0\.215\d 8|weight f32.* 0\.215\d \d+/).first()).toBeVisible();
  await page.getByRole('radio', { name: 'Table' }).first().click();
  const grid = page.getByRole('grid', { name: /Entries of/ });
  await grid.getByRole('columnheader', { name: 'Std' }).getByRole('button').first().click();
  await expect(grid.getByRole('columnheader', { name: 'Std' })).toHaveAttribute('aria-sort', 'descending');
});

test('the treemap is walked by keyboard and goes where it is clicked', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(example('char-gpt.safetensors'));
  const map = page.getByRole('listbox', { name: 'Treemap by bytes' });
  await expect(map.getByRole('option', { name: /^h ×4: 1\.59 MB, 96\.8 %/ })).toBeVisible();
  await map.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await expect(map.getByRole('option', { selected: true })).toHaveAccessibleName(/^h\.0\.mlp: /);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('navigation', { name: 'Place in the treemap' })).toContainText('mlp');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('navigation', { name: 'Place in the treemap' })).toHaveCount(0);
  await map.getByRole('option', { name: /^wpe/ }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('wpe');
});
