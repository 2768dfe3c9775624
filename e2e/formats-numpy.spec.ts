import { writeFileSync } from 'node:fs';
import { fixture } from './fixtures.ts';
import { expect, test } from './page.ts';

/** A safetensors file of f32 tensors. */
function safetensors(tensors: Readonly<Record<string, readonly number[]>>): Buffer {
  const header: Record<string, unknown> = {};
  let end = 0;
  for (const [key, values] of Object.entries(tensors)) {
    const shape = values.length === 4 ? [2, 2] : [values.length];
    header[key] = { dtype: 'F32', shape, data_offsets: [end, end + 4 * values.length] };
    end += 4 * values.length;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text, Buffer.from(Float32Array.from(Object.values(tensors).flat()).buffer)]);
}

test('arrays of raw bytes open as bfloat16, and are viewed as something else', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(fixture('numpy/narrow.npz'));
  await app.filter('layers.1');
  await app
    .row(/^weight bf16/)
    .last()
    .click();
  await page.getByRole('button', { name: 'Edit this entry' }).click();
  await page.getByRole('menuitem', { name: 'View as another type…' }).click();
  const dialog = page.getByRole('dialog', { name: /^Edit tensor/ });
  await dialog.getByRole('combobox', { name: 'Element type' }).selectOption('u16');
  expect(await app.violations()).toEqual([]);
  await dialog.getByRole('button', { name: 'View as', exact: true }).click();
  await expect(app.edits).toHaveText('Edits 1');
  await expect(app.row(/^weight edited u16/)).toBeVisible();
});

test('one array opens by its first bytes', async ({ app }) => {
  await app.start();
  await app.dropAndSee(fixture('numpy/objects.npy'));
  await expect(app.row(/^objects/)).toBeVisible();
});

test('an archive of arrays beside a safetensors file: what differs is said', async ({ app, page }, info) => {
  const other = info.outputPath('other.safetensors');
  writeFileSync(other, safetensors({ 'fc.weight': [1, 2, 3, 4], 'fc.bias': [1, 2] }));
  await app.start();
  await app.dropAndSee(fixture('numpy/mixed.npz'), other);
  await page
    .getByRole('region', { name: 'Opened together' })
    .getByRole('button', { name: 'Compare', exact: true })
    .click();
  await expect(page.getByRole('tab', { name: 'Comparison' })).toBeVisible();
  const worst = page.getByRole('region', { name: 'Values differ' });
  await expect(worst.getByRole('button', { name: 'fc.weight' })).toBeVisible();
  await expect(worst.getByRole('button', { name: 'fc.bias' })).toBeVisible();
});

test('a zip of models opens as the folder that was packed', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(fixture('archives/stored.zip'));
  await expect(page.getByRole('button', { name: 'model.safetensors 3' })).toBeVisible();
  await expect(app.row(/^fc/)).toBeVisible();
});
