import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { example, fixture, withFolder } from './fixtures.ts';
import { expect, type Stateglass, test } from './page.ts';

/** The same tensors under other names, in a file of its own. */
async function writeRenamed(folder: string, name: string, rename: (key: string) => string): Promise<string> {
  const bytes = await readFile(example('digits-final.safetensors'));
  const size = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + size)) as Record<string, unknown>;
  const renamed = Object.entries(header).map(([key, value]) => [key === '__metadata__' ? key : rename(key), value]);
  const text = Buffer.from(JSON.stringify(Object.fromEntries(renamed)));
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const path = join(folder, name);
  await writeFile(path, Buffer.concat([length, padded, bytes.subarray(8 + size)]));
  return path;
}

const verdict = (page: Page) => page.getByRole('region', { name: 'Verdict' });
const entries = (page: Page) => page.getByRole('grid', { name: 'Entries of the load' });

async function openLoad(app: Stateglass, ...paths: string[]): Promise<void> {
  await app.start();
  await app.dropAndSee(...paths);
  await app.page.getByRole('tab', { name: 'Load', exact: true }).click();
}

test('a checkpoint of DDP into the plain model: what torch raises, and the edit that makes it load', async ({
  app,
  page,
}) => {
  await withFolder(async (folder) => {
    const ddp = await writeRenamed(folder, 'ddp.safetensors', (key) => `module.${key}`);
    await openLoad(app, ddp, example('digits-final.safetensors'));
    await page.getByRole('combobox', { name: 'Load' }).selectOption('ddp.safetensors');
    await expect(verdict(page)).toContainText(
      'torch strict raises RuntimeError: 16 missing, 18 unexpected; nothing has changed by then',
    );
    await expect(verdict(page).locator('pre')).toContainText(
      /RuntimeError: Error\(s\) in loading state_dict for Module:\s+Missing key\(s\) in state_dict: "classifier\.1\.bias", /,
    );
    await page.getByRole('radio', { name: /^Missing/ }).click();
    await page.getByRole('searchbox', { name: 'Keys with' }).fill('features.0.w');
    await expect(entries(page).getByRole('row')).toHaveCount(2);
    await expect(entries(page).getByRole('row').nth(1)).toContainText('module.features.0.weight');
    expect(await app.violations()).toEqual([]);

    await page.getByRole('button', { name: 'Make it load…' }).click();
    const proposal = page.getByRole('region', { name: 'Make it load' });
    await expect(proposal).toContainText('Rename by removing ^module\\.');
    await expect(proposal).toContainText('Then torch strict loads all 18 tensors.');
    await expect(app.edits).toContainText('0');
    await proposal.getByRole('button', { name: 'Make 1 edit' }).click();
    await expect(verdict(page)).toContainText('torch strict loads all 18 tensors');
    await expect(verdict(page).locator('pre')).toHaveText('<All keys matched successfully>');
    expect(await app.violations()).toEqual([]);

    await page.getByRole('button', { name: 'Undo it' }).click();
    await expect(verdict(page)).toContainText('torch strict raises RuntimeError: 16 missing');
  });
});

test('rules in the options take hold as they are typed; what is raised names the class that was told', async ({
  app,
  page,
}) => {
  await withFolder(async (folder) => {
    const other = await writeRenamed(folder, 'other.safetensors', (key) => key.replace('features', 'conv'));
    await openLoad(app, example('digits-final.safetensors'), other);
    await page.getByLabel('into', { exact: true }).selectOption('digits-final.safetensors');
    await expect(verdict(page)).toContainText('12 missing, 14 unexpected; 4 tensors already changed by then');
    const policy = page.getByRole('combobox', { name: 'as' });
    await policy.selectOption('caten-silent');
    await expect(verdict(page)).toContainText('Caten :silent t loads 4 of 18 tensors: 14 missing, 14 unexpected');
    await expect(verdict(page)).toContainText('It says nothing of it');
    await policy.selectOption('torch-strict');
    await page.getByText('Options').click();
    await page.getByLabel('Class named in the error').fill('Digits');
    await expect(verdict(page).locator('pre')).toContainText('state_dict for Digits:');
    await page.getByLabel('Regular expression').fill('^conv\\.');
    await page.getByLabel('Becomes').fill('features.');
    await expect(verdict(page)).toContainText('torch strict loads all 18 tensors');
    await page.getByLabel('Regular expression').fill('^conv(');
    await expect(page.getByText('It cannot be told')).toBeVisible();
  });
});

test('one document alone: what a program printed is the other side', async ({ app, page }) => {
  await openLoad(app, example('digits-final.safetensors'));
  await expect(page.getByText('Nothing to tell yet')).toBeVisible();
  expect(await app.violations()).toEqual([]);
  const field = page.getByRole('textbox', { name: 'What it is loaded into, as text' });
  await field.fill('no state dict at all');
  await expect(page.getByText('It cannot be told')).toBeVisible();
  await field.fill(
    "OrderedDict({'features.0.bias': torch.Size([16]), 'features.0.weigth': torch.Size([32, 1, 3, 3])})",
  );
  await expect(verdict(page)).toContainText(
    'torch strict raises RuntimeError: 1 missing, 17 unexpected, 1 size mismatch',
  );
  await page.getByLabel('as', { exact: true }).selectOption('torch strict=False');
  await expect(verdict(page)).toContainText('torch strict=False raises RuntimeError');
  await expect(verdict(page).locator('pre')).toContainText('size mismatch for features.0.bias');
  await page.getByRole('button', { name: /^Swap what is loaded/ }).click();
  await expect(page.getByRole('textbox', { name: 'What is loaded, as text' })).toBeVisible();
  await expect(verdict(page)).toContainText('15 missing, 1 unexpected, 1 size mismatch');
});

test('agents of msgflux: silence is told as such, and all policies stand side by side', async ({ app, page }) => {
  await openLoad(app, fixture('text/agent-after.json'), fixture('text/agent-before.json'));
  await expect(page.getByLabel('as', { exact: true })).toHaveValue('msgflux');
  await expect(verdict(page)).toContainText('msgflux loads');
  await expect(verdict(page)).toContainText('What it does not say');
  await page.getByRole('radio', { name: 'All policies' }).click();
  const survey = page.getByRole('region', { name: 'All policies' });
  await expect(survey.getByRole('row', { name: /^inox combine/ })).toContainText(/raises|loads|leaves/);
  await expect(survey.getByText(/ loaded/)).toHaveCount(16);
  expect(await app.violations()).toEqual([]);
  await survey.getByRole('button', { name: 'torch strict=False' }).click();
  await expect(verdict(page)).toContainText('torch strict=False');
});

test('two that are compared: B into A, and a click leads to the pair', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(example('digits-epoch1.safetensors'), example('digits-final.safetensors'));
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await page.getByRole('tab', { name: 'Load', exact: true }).click();
  await expect(verdict(page)).toContainText('torch strict loads all 18 tensors');
  await entries(page)
    .getByRole('row', { name: /classifier\.3\.weight/ })
    .click();
  await expect(page.getByRole('tab', { name: 'Difference' })).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('classifier.3.weight');
});

test('by keyboard alone: the table is sorted, walked and left for an entry', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(example('digits-final.safetensors'));
  await page.getByRole('tab', { name: 'Overview' }).focus();
  await page.keyboard.press('End');
  await expect(page.getByRole('tab').last()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowLeft');
  await expect(page.getByRole('tab', { name: 'Load', exact: true })).toHaveAttribute('aria-selected', 'true');
  const field = page.getByRole('textbox', { name: 'What it is loaded into, as text' });
  for (let i = 0; i < 8 && !(await field.evaluate((element) => element === document.activeElement)); i++)
    await page.keyboard.press('Tab');
  await page.keyboard.type('features.3.bias: (64)\nfeatures.0.bias: (32)');
  await expect(verdict(page)).toContainText('16 unexpected; 2 tensors already changed');
  await page.getByRole('radio', { name: /^All 18/ }).focus();
  await page.keyboard.press('End');
  await expect(page.getByRole('radio', { name: /^Already changed 2/ })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('radio', { name: /^Already changed 2/ })).toBeChecked();
  await entries(page).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('features.0.bias');
});
