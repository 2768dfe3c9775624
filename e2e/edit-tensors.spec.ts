import { readFileSync } from 'node:fs';
import { example, fixture } from './fixtures.ts';
import { expect, type Stateglass, test } from './page.ts';

const dialog = (app: Stateglass) => app.page.getByRole('dialog', { name: /^Edit tensor/ });
const outcome = (app: Stateglass) => dialog(app).getByRole('table', { name: 'What it comes to' });
const headerOf = (file: Buffer): Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }> =>
  JSON.parse(file.toString('utf8', 8, 8 + file.readUInt32LE(0)));

async function openTensorMenu(app: Stateglass, what: string, act: string): Promise<void> {
  await app.page.getByRole('button', { name: `Edit ${what}` }).click();
  await app.page.getByRole('menuitem', { name: `${act}…` }).click();
  await expect(dialog(app)).toBeVisible();
}

async function selectTensor(app: Stateglass, filter: string, row: RegExp): Promise<void> {
  await app.filter(filter);
  await expect(app.page.getByText(/^\d+ of \d+$/)).toBeVisible();
  await app.page.waitForTimeout(300);
  await app.row(row).last().click();
  await expect(app.page.getByRole('button', { name: 'Edit this entry' })).toBeVisible();
}

test('a module is cast in one edit: what it comes to is said before, and counters stay', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(example('digits-final.safetensors'));
  await app.row(/^features/).click();
  await openTensorMenu(app, 'this module', 'Cast');
  await expect(outcome(app)).toContainText('76,800 B');
  await expect(outcome(app)).toContainText('38,400 B');
  const notes = dialog(app).getByRole('list', { name: 'What to know' });
  await expect(notes).toContainText('2 tensors without floats stay as they are.');
  await expect(notes).toContainText('Values may round: f16 keeps 11 bits of significand');
  await dialog(app).getByRole('combobox', { name: 'Element type' }).selectOption('f64');
  await expect(outcome(app)).toContainText('153,600 B');
  await expect(notes).not.toContainText('Values may round');
  await dialog(app).getByRole('combobox', { name: 'Element type' }).selectOption('bf16');
  await expect(outcome(app)).toContainText('38,400 B');
  expect(await app.violations()).toEqual([]);
  await dialog(app).getByRole('button', { name: 'Cast 12 tensors' }).click();
  await expect(app.edits).toHaveText('Edits 1');

  const saved = headerOf(await app.saveByDownload());
  expect(saved['features.0.weight']).toMatchObject({ dtype: 'BF16', shape: [32, 1, 3, 3] });
  expect(saved['features.1.num_batches_tracked']).toMatchObject({ dtype: 'I64' });
  expect(saved['classifier.3.weight']).toMatchObject({ dtype: 'F32' });
  await page.keyboard.press('Control+z');
  await expect(app.edits).toHaveText('Edits 0');
});

test('what a filter matches is filled, each tensor with numbers of its own', async ({ app }) => {
  await app.start();
  await app.dropAndSee(example('digits-final.safetensors'));
  await selectTensor(app, 'classifier weight', /^weight f32/);
  await openTensorMenu(app, 'this entry', 'Fill');
  await dialog(app)
    .getByRole('radio', { name: /What the filter matches/ })
    .click();
  await dialog(app).getByRole('radio', { name: 'Normal' }).click();
  await dialog(app).getByRole('textbox', { name: 'Standard deviation' }).fill('much');
  await expect(dialog(app).getByRole('alert')).toHaveText('std: much is no number');
  await expect(dialog(app).getByRole('button', { name: /^Fill/ })).toBeDisabled();
  await dialog(app).getByRole('textbox', { name: 'Standard deviation' }).fill('0.5');
  await dialog(app).getByRole('button', { name: 'Fill 2 tensors' }).click();
  await expect(app.edits).toHaveText('Edits 1');
  const saved = await app.saveByDownload();
  const start = 8 + saved.readUInt32LE(0);
  const numbersOf = (key: string) => {
    const [from] = headerOf(saved)[key]!.data_offsets;
    return Array.from({ length: 8 }, (_, i) => saved.readFloatLE(start + from + 4 * i));
  };
  const [one, other] = [numbersOf('classifier.1.weight'), numbersOf('classifier.3.weight')];
  expect(one).not.toEqual(other);
  expect(Math.max(...one.map(Math.abs))).toBeLessThan(4);
});

test('tied tensors change together, or are taken apart', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(fixture('pytorch/tied.bin'));
  await app
    .row(/^weight/)
    .last()
    .click();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Scale and shift lm_head');
  await page.keyboard.press('Enter');
  await dialog(app).getByRole('textbox', { name: 'Multiply by' }).fill('0');
  await expect(dialog(app)).toContainText('wte.weight shares this memory and changes too.');
  await dialog(app)
    .getByRole('checkbox', { name: /^Untie/ })
    .check();
  await expect(dialog(app)).toContainText('wte.weight shares this memory and stays as it is.');
  await dialog(app).getByRole('button', { name: 'Scale' }).click();
  await expect(app.edits).toHaveText('Edits 1');
  const grid = page.getByRole('grid', { name: /^Values of/ });
  await expect(grid.getByRole('gridcell').first()).toHaveText(/^0(\.0+)?$/);
  await app
    .row(/^weight/)
    .first()
    .click();
  await expect(grid.getByRole('gridcell').first()).not.toHaveText(/^0(\.0+)?$/);
});

test('shapes are changed by keyboard alone; what makes no sense says why before', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(example('char-gpt.safetensors'));
  await selectTensor(app, 'wte.weight', /weight f16 73×128/);
  const run = async (command: string, label: string, text: string, then: string) => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type(`${command} wte.weight`);
    await page.keyboard.press('Enter');
    await expect(dialog(app)).toBeVisible();
    const field = dialog(app).getByRole('textbox', { name: label });
    while (!(await field.evaluate((one) => one === document.activeElement))) await page.keyboard.press('Tab');
    await page.keyboard.press('Control+a');
    await page.keyboard.type(text);
    await expect(outcome(app).getByRole('row').last()).toContainText(then);
    await page.keyboard.press('Enter');
    await expect(dialog(app)).toHaveCount(0);
  };
  await page.getByRole('button', { name: 'Edit tensor…' }).click();
  await dialog(app).getByRole('radio', { name: 'Reshape' }).click();
  await dialog(app)
    .getByRole('textbox', { name: /^Shape/ })
    .fill('7, 7');
  await expect(dialog(app).getByRole('alert')).toHaveText('[7, 7] is no shape for the 9344 elements of [73, 128]');
  await page.keyboard.press('Escape');
  await run('Transpose', 'Dimensions, in their new order', '1, 0', '128×73');
  await run('Slice', 'The part to keep', ':64, :', '64×73');
  await run('Reshape', 'Shape', '32, -1', '32×146');
  await run('Pad', 'Elements after those of dimension 0', '1', '33×146');
  await expect(app.edits).toHaveText('Edits 4');
  const saved = await app.saveByDownload();
  const before = readFileSync(example('char-gpt.safetensors'));
  expect(headerOf(saved)['wte.weight']).toMatchObject({ dtype: 'F16', shape: [33, 146] });
  const at = (file: Buffer, index: number) =>
    file.readUInt16LE(8 + file.readUInt32LE(0) + headerOf(file)['wte.weight']!.data_offsets[0] + 2 * index);
  // Row 1 of the transposed matrix is column 1 of the one before; the last row is padding.
  expect(at(saved, 73)).toBe(at(before, 1));
  expect(at(saved, 32 * 146)).toBe(0);
});
