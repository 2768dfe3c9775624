import { example, fixture } from './fixtures.ts';
import { expect, test } from './page.ts';

const metadataOf = (file: Buffer): Record<string, string> =>
  JSON.parse(file.toString('utf8', 8, 8 + file.readUInt32LE(0))).__metadata__;

test('metadata is added, changed and taken out, and the saved file has it', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(example('digits-final.safetensors'));
  await app.documentRow.click();
  await app.openTab('Metadata');
  const panel = page.getByRole('tabpanel');
  const add = async (key: string, value: string) => {
    await panel.getByRole('button', { name: 'Add an item' }).click();
    await expect(panel.getByRole('button', { name: 'Set', exact: true })).toBeDisabled();
    await page.keyboard.type(key);
    await page.keyboard.press('Tab');
    await page.keyboard.type(value);
    await page.keyboard.press('Control+Enter');
    await expect(panel.getByRole('rowheader', { name: key })).toBeVisible();
  };
  await add('licence', 'MIT');
  await add('note', 'to be taken out');
  await panel.getByRole('button', { name: 'Edit licence' }).click();
  await expect(panel.getByRole('textbox', { name: 'Value of licence' })).toBeFocused();
  expect(await app.violations()).toEqual([]);
  await page.keyboard.press('Control+a');
  await page.keyboard.type('Apache-2.0');
  await panel.getByRole('button', { name: 'Set', exact: true }).click();
  await expect(panel.getByRole('row', { name: /licence/ })).toContainText('Apache-2.0');
  await panel.getByRole('button', { name: 'Delete note' }).click();
  await expect(panel.getByRole('rowheader', { name: 'note' })).toHaveCount(0);
  await expect(app.edits).toHaveText('Edits 4');
  const metadata = metadataOf(await app.saveByDownload());
  expect(metadata).toMatchObject({ licence: 'Apache-2.0' });
  expect(metadata).not.toHaveProperty('note');
});

test('what a format has no place for says so before; versions of modules are JSON', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(fixture('pytorch/tied.bin'));
  await app.documentRow.click();
  await app.openTab('Metadata');
  const panel = page.getByRole('tabpanel');
  await expect(panel.getByText('follows from the file, not edited').first()).toBeVisible();
  await panel
    .getByRole('button', { name: /^Edit / })
    .first()
    .click();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('version 2');
  await page.keyboard.press('Control+Enter');
  await expect(panel.getByRole('alert')).toContainText('metadata');
  await expect(app.edits).toHaveText('Edits 0');
  await page.keyboard.press('Escape');
  await expect(panel.getByRole('textbox')).toHaveCount(0);
});
