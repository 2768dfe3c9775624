import { copyFile, mkdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { llama7b, writeSafetensors } from '../tools/bench/sparse.ts';
import { example, fixture, withFolder } from './fixtures.ts';
import { expect, test } from './page.ts';

const damaged = (name: string) => fixture(`health/damaged/${name}/model.safetensors`);

test('a healthy file is said to be so, and its values are checked on request', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(example('digits-final.safetensors'));
  await expect(page.getByRole('button', { name: 'Problems 0' })).toBeVisible();
  await app.openTab('Health');
  const verdict = page.getByRole('region', { name: 'Verdict' });
  await expect(verdict).toContainText('Nothing wrong found in 18 tensors.');
  await expect(verdict).toContainText('Values are not read yet');
  await verdict.getByRole('button', { name: /^Check values/ }).click();
  await expect(verdict).toContainText('Values are checked too: 474.3 kB');
  await expect(verdict).toContainText('Nothing wrong found');
});

test('a missing layer is found at once; a click goes to the place', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(damaged('missing-layer'));
  await page.getByRole('button', { name: 'Problems 1' }).click();
  const group = page.getByRole('region', { name: 'Missing layer: 1' });
  await expect(group).toContainText('but 2 is not there');
  await expect(group).toContainText('A strict load fails');
  await group.getByRole('button', { name: 'transformer.h.3.attn.bias' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('transformer.h.3.attn.bias');
});

test('values that diverged are found by reading them, and marked in the tree', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(damaged('nan'));
  await app.openTab('Health');
  const verdict = page.getByRole('region', { name: 'Verdict' });
  await expect(verdict).toContainText('Nothing wrong found');
  await verdict.getByRole('button', { name: /^Check values/ }).click();
  await expect(verdict).toContainText('1 error in 48 tensors.');
  const group = page.getByRole('region', { name: 'NaN: 1' });
  await expect(group).toContainText('1 NaN among 128 values, the first at [5, 3]');
  await group.getByRole('button', { name: 'model.layers.3.mlp.up_proj.weight' }).click();
  await expect(app.selected).toContainText('weight');
  await expect(app.selected.getByRole('img', { name: 'has a problem' })).toBeVisible();
  await app.openTab('Info');
  await expect(page.getByText('the first at [5, 3]')).toBeVisible();
});

test('a config of another model is held against the shapes', async ({ app, page }) => {
  await withFolder(async (folder) => {
    const model = join(folder, 'model');
    await mkdir(model);
    for (const name of ['model.safetensors', 'config.json'])
      await copyFile(fixture(`health/damaged/config-vocab/${name}`), join(model, name));
    await app.start();
    await app.drop(model);
    await page.getByRole('button', { name: 'Problems 1' }).click();
    await expect(page.getByText(/vocab_size is 32/)).toBeVisible();
  });
});

test('checking values of a large file can be stopped', async ({ app, page }) => {
  await withFolder(async (folder) => {
    const path = join(folder, 'llama-7b.safetensors');
    await writeSafetensors(path, llama7b());
    await app.start();
    await app.dropAndSee(path);
    await app.openTab('Health');
    const verdict = page.getByRole('region', { name: 'Verdict' });
    await verdict.getByRole('button', { name: /^Check values/ }).click();
    await expect(verdict.getByRole('progressbar')).toBeVisible();
    await verdict.getByRole('button', { name: 'Cancel' }).click();
    await expect(verdict).toContainText(/Stopped after \d/);
    await expect(verdict.getByRole('button', { name: 'Check values' })).toBeVisible();
  });
});

test('many problems of one kind fold, and severities can be looked at alone', async ({ app, page }) => {
  await withFolder(async (folder) => {
    const path = join(folder, 'cut.safetensors');
    await writeSafetensors(path, llama7b());
    await truncate(path, 6e9);
    await app.start();
    await app.dropAndSee(path);
    await app.openTab('Health');
    const group = page.getByRole('region', { name: /^Truncated: / });
    await expect(group.getByRole('listitem')).toHaveCount(3);
    await group.getByRole('button', { name: /and \d+ more/ }).click();
    expect(await group.getByRole('listitem').count()).toBeGreaterThan(50);
  });
});

test('a link to what health was called at first still leads there', async ({ app, page }) => {
  await app.start('#doc=model.safetensors&view=problems');
  await app.drop(damaged('missing-layer'));
  await expect(page.getByRole('region', { name: 'Verdict' })).toContainText('1 warning in 60 tensors.');
});
