import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { example, withFolder } from './fixtures.ts';
import { expect, Stateglass, test } from './page.ts';

const dialog = (app: Stateglass) => app.page.getByRole('dialog', { name: 'Replace from another document' });
const outcome = (app: Stateglass) => dialog(app).getByRole('table', { name: 'What it comes to' });

type Header = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;
const headerOf = (file: Buffer): Header => JSON.parse(file.toString('utf8', 8, 8 + file.readUInt32LE(0)));
function bytesOf(file: Buffer, key: string): Buffer {
  const [from, to] = headerOf(file)[key]!.data_offsets;
  const start = 8 + file.readUInt32LE(0);
  return file.subarray(start + from, start + to);
}

async function show(app: Stateglass, name: string): Promise<void> {
  await app.page.keyboard.press('Control+k');
  await app.page.keyboard.type(`Switch to ${name}`);
  await app.page.getByRole('option', { name: `Switch to ${name}` }).click();
  await expect(app.documentRow).toContainText(name);
}

/** Both training stages of one model, the later one in view. */
async function openBoth(app: Stateglass): Promise<void> {
  await app.start();
  await app.dropAndSee(example('digits-epoch1.pt'));
  await app.dropAndSee(example('digits-final.safetensors'));
  await expect(app.documentRow).toContainText('digits-final.safetensors');
}

async function takeWeight(app: Stateglass): Promise<void> {
  await app
    .row(/^weight f32 32×1×3×3/)
    .first()
    .click();
  await app.page.getByRole('button', { name: 'Edit this entry' }).click();
  await app.page.getByRole('menuitem', { name: 'Replace from another document…' }).click();
  await expect(outcome(app)).toContainText('32×1×3×3');
  await dialog(app).getByRole('button', { name: 'Replace' }).click();
  await expect(app.edits).toHaveText('Edits 1');
}

test('an entry is replaced from another document: the same key is proposed, any other found', async ({ app, page }) => {
  await openBoth(app);
  await app
    .row(/^weight f32 32×1×3×3/)
    .first()
    .click();
  await page.getByRole('button', { name: 'Edit this entry' }).click();
  await page.getByRole('menuitem', { name: 'Replace from another document…' }).click();
  const choices = dialog(app).getByRole('radiogroup', { name: 'Entry to take' });
  await expect(choices.getByRole('radio').first()).toBeChecked();
  await expect(choices.getByRole('radio', { name: /features\.0\.weight/ })).toBeChecked();
  await expect(outcome(app)).toContainText('1,152 B');
  expect(await app.violations()).toEqual([]);
  await dialog(app).getByRole('searchbox').fill('classifier.3.bias');
  await expect(outcome(app).getByRole('row').last()).toContainText('40 B');
  await expect(dialog(app).getByRole('list', { name: 'What to know' })).toContainText(
    'f32 [10] instead of f32 [32, 1, 3, 3]',
  );
  await dialog(app).getByRole('searchbox').fill('nothing of this name');
  await expect(dialog(app).getByRole('button', { name: 'Replace' })).toBeDisabled();
  await dialog(app).getByRole('searchbox').fill('');
  await expect(outcome(app)).toContainText('1,152 B');
  await dialog(app).getByRole('button', { name: 'Replace' }).click();
  await expect(app.edits).toHaveText('Edits 1');
  const saved = await app.saveByDownload();
  const before = await readFile(example('digits-final.safetensors'));
  expect(bytesOf(saved, 'features.0.weight').equals(bytesOf(before, 'features.0.weight'))).toBe(false);
  expect(bytesOf(saved, 'features.0.bias').equals(bytesOf(before, 'features.0.bias'))).toBe(true);
});

test('a whole module is taken by keyboard; what was taken earlier stays when its document is edited', async ({
  app,
  page,
}) => {
  await openBoth(app);
  await app.row(/^classifier/).click();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Replace classifier from');
  await page.keyboard.press('Enter');
  await expect(dialog(app).getByRole('radio', { name: /classifier/ })).toBeChecked();
  await expect(dialog(app).getByRole('list', { name: 'What to know' })).toContainText('Take 4 entries');
  await dialog(app).getByRole('button', { name: 'Take 4 entries' }).click();
  await expect(app.edits).toHaveText('Edits 1');
  await show(app, 'digits-epoch1.pt');
  await app.row(/^classifier/).click();
  await page.getByRole('button', { name: 'Edit this module' }).click();
  await page.getByRole('menuitem', { name: 'Fill…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Fill 4 tensors' }).click();
  await expect(app.edits).toHaveText('Edits 1');
  await show(app, 'digits-final.safetensors');
  const first = await app.saveByDownload();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Replace classifier from');
  await page.keyboard.press('Enter');
  await dialog(app).getByRole('button', { name: 'Take 4 entries' }).click();
  await expect(app.edits).toHaveText('Edits 2');
  const second = await app.saveByDownload();
  expect(bytesOf(first, 'classifier.3.bias').some((byte) => byte !== 0)).toBe(true);
  expect(bytesOf(second, 'classifier.3.bias').every((byte) => byte === 0)).toBe(true);
});

test('a recipe finds its donors among what is open, else asks for them', async ({ app, page }) => {
  await withFolder(async (folder) => {
    const recipe = join(folder, 'take.json');
    const edits = [{ op: 'take', args: { key: 'features.0.weight', donor: 'digits-epoch1.pt' } }];
    await writeFile(
      recipe,
      JSON.stringify({ format: 'stateglass recipe', version: 1, donors: ['digits-epoch1.pt'], edits }),
    );
    await app.start();
    await app.dropAndSee(example('digits-final.safetensors'));
    await app.edits.click();
    await page.getByLabel('Recipe file').setInputFiles(recipe);
    const ask = page.getByRole('dialog', { name: 'Replay a recipe' });
    await expect(ask.getByRole('status')).toHaveText('Still to open: digits-epoch1.pt');
    await expect(ask.getByRole('button', { name: 'Replay 1 edit' })).toBeDisabled();
    expect(await app.violations()).toEqual([]);
    await page.evaluate(() => Object.assign(window, { showOpenFilePicker: undefined }));
    const chooser = page.waitForEvent('filechooser');
    await ask.getByRole('button', { name: 'Open files…' }).click();
    await (await chooser).setFiles(example('digits-epoch1.pt'));
    await expect(ask.getByRole('combobox')).toHaveValue(/\d/);
    await ask.getByRole('button', { name: 'Replay 1 edit' }).click();
    await expect(app.edits).toHaveText('Edits 1');
    // Open under its name, it is asked for no more.
    await page.keyboard.press('Control+z');
    await expect(app.edits).toHaveText('Edits 0');
    await page.getByLabel('Recipe file').setInputFiles(recipe);
    await expect(app.edits).toHaveText('Edits 1');
    const saved = await app.saveByDownload();
    const before = await readFile(example('digits-final.safetensors'));
    expect(bytesOf(saved, 'features.0.weight').equals(bytesOf(before, 'features.0.weight'))).toBe(false);
  });
});

test('a draft waits for the document it takes values from', async ({ app, page, context }) => {
  await openBoth(app);
  await takeWeight(app);
  await page.waitForTimeout(1000);
  const crashed = page.waitForEvent('crash');
  const session = await context.newCDPSession(page);
  session.send('Page.crash').catch(() => undefined);
  await crashed;

  const second = await context.newPage();
  const again = new Stateglass(second);
  await again.start();
  await again.dropAndSee(example('digits-final.safetensors'));
  const banner = second.getByRole('region', { name: 'Unsaved edits' });
  await expect(banner).toContainText('They take values from digits-epoch1.pt: open it too');
  await expect(banner.getByRole('button', { name: 'Restore' })).toHaveCount(0);
  expect(await again.violations()).toEqual([]);
  await second.evaluate(() => Object.assign(window, { showOpenFilePicker: undefined }));
  const chooser = second.waitForEvent('filechooser');
  await banner.getByRole('button', { name: 'Open files…' }).click();
  await (await chooser).setFiles(example('digits-epoch1.pt'));
  await banner.getByRole('button', { name: 'Restore' }).click();
  await expect(again.edits).toHaveText('Edits 1');
  expect(again.errors).toEqual([]);
});
