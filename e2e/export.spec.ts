import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fixture } from './fixtures.ts';
import { expect, type Stateglass, test } from './page.ts';

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function openDialog(app: Stateglass): Promise<void> {
  await app.page.getByRole('button', { name: 'Export' }).click();
  await expect(app.page.getByRole('dialog', { name: 'Export' })).toBeVisible();
}

const choose = (app: Stateglass, name: string | RegExp) => app.page.getByRole('radio', { name }).click();

/** Presses Export and takes what the browser saves. */
async function save(app: Stateglass): Promise<{ name: string; bytes: Buffer }> {
  const saved = app.page.waitForEvent('download');
  await app.page.getByRole('dialog').getByRole('button', { name: 'Export' }).click();
  const download = await saved;
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** Bytes of a size that a choice shows: `1,130 B`. */
async function forecast(app: Stateglass, name: RegExp): Promise<number> {
  const text = await app.page.getByRole('radio', { name }).getAttribute('aria-labelledby');
  const words = await app.page.locator(`[id="${text}"]`).innerText();
  return Number(/([\d,]+) B$/.exec(words)?.[1]?.replaceAll(',', ''));
}

test('a tensor and the slice on screen are what np.save writes', async ({ app, page }) => {
  const { slices } = JSON.parse(await readFile(fixture('export/npy-of-tensors.json'), 'utf8'));
  await app.start();
  await app.dropAndSee(fixture('slices/tensors.pt'));
  await app.filter('int16');
  await app
    .row(/^int16 /)
    .first()
    .click();
  await openDialog(app);
  await choose(app, /^\.npy/);
  const size = await forecast(app, /^\.npy/);
  const tensor = await save(app);
  expect(tensor.name).toBe('int16.npy');
  expect(tensor.bytes.length).toBe(size);
  expect(sha(tensor.bytes)).toBe(slices.int16['']);

  await page.getByRole('textbox', { name: /slice/i }).fill('0');
  await page.keyboard.press('Enter');
  await openDialog(app);
  await choose(app, /^The slice on screen/);
  await page.getByRole('textbox', { name: 'File name' }).fill('first');
  const slice = await save(app);
  expect(slice.name).toBe('first.npy');
  expect(sha(slice.bytes)).toBe(slices.int16['0']);
});

test('a module and the whole document are written; what cannot be written says why', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(fixture('safetensors/tiny.safetensors'));
  await page.keyboard.press('Control+k');
  await page.keyboard.type('export');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('radio', { name: /^\.npz/ })).toBeDisabled();
  await expect(page.getByText('embed.weight: no element type bf16')).toBeVisible();
  await page.getByRole('checkbox', { name: /as f32/ }).check();
  await expect(page.getByRole('radio', { name: /^\.npz/ })).toBeEnabled();
  await page.getByRole('checkbox', { name: /as f32/ }).uncheck();
  const whole = await save(app);
  expect(whole.name).toBe('tiny.safetensors');
  expect(sha(whole.bytes)).toBe(sha(await readFile(fixture('safetensors/tiny.safetensors'))));

  await app.filter('h.1.');
  await app.row(/^1 /).first().click();
  await openDialog(app);
  await expect(page.getByRole('radio', { name: /^This module h\.1 2 tensors/ })).toBeChecked();
  const module = await save(app);
  expect(module.name).toBe('h.1.safetensors');
  // What was written is opened again as any file is.
  await page.evaluate(
    async ([base64, name]) => {
      const bytes = Uint8Array.from(atob(base64 as string), (c) => c.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], name as string));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    },
    [module.bytes.toString('base64'), module.name],
  );
  await expect(app.documentRow).toContainText('h.1.safetensors');
  await expect(app.documentRow).toContainText('2 entries');
});
