import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { example, fixture, withFolder } from './fixtures.ts';
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
  await expect(banner).toContainText('It takes values from digits-epoch1.pt: open that too');
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

async function command(app: Stateglass, text: string): Promise<void> {
  await app.page.keyboard.press('Control+k');
  await app.page.keyboard.type(text);
  await expect(app.page.getByRole('option').first()).toContainText(text.split(' ')[0] ?? '');
  await app.page.keyboard.press('Enter');
}

test('tensors are tied, untied and added', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(fixture('pytorch/tied.bin'));
  await app.filter('lm_head.weight');
  await app
    .row(/^weight/)
    .last()
    .click();
  await page.getByRole('button', { name: 'Edit this entry' }).click();
  await page.getByRole('menuitem', { name: 'Untie' }).click();
  await expect(app.edits).toHaveText('Edits 1');
  await page.getByRole('button', { name: 'Edit this entry' }).click();
  await expect(page.getByRole('menuitem', { name: 'Untie' })).toHaveCount(0);
  await page.getByRole('menuitem', { name: 'Tie…' }).click();
  const tie = page.getByRole('dialog', { name: 'Tie' });
  await expect(tie.getByRole('radio', { name: /wte\.weight/ })).toBeChecked();
  expect(await app.violations()).toEqual([]);
  await tie.getByRole('button', { name: 'Tie' }).click();
  await expect(app.edits).toHaveText('Edits 2');

  await command(app, 'Add tensor');
  const add = page.getByRole('dialog', { name: 'Add tensor' });
  await expect(add.getByRole('textbox', { name: 'Name' })).toHaveValue('lm_head.');
  await expect(add.getByRole('button', { name: 'Add' })).toBeDisabled();
  await add.getByRole('textbox', { name: 'Name' }).fill('lm_head.weight');
  await add.getByRole('textbox', { name: /^Shape/ }).fill('2, 3');
  await add.getByRole('button', { name: 'Add' }).click();
  await expect(add.getByRole('alert')).toHaveText('lm_head.weight is there already');
  await add.getByRole('textbox', { name: 'Name' }).fill('lm_head.bias');
  await add.getByRole('radio', { name: 'Ones' }).click();
  expect(await app.violations()).toEqual([]);
  await add.getByRole('button', { name: 'Add' }).click();
  await expect(app.edits).toHaveText('Edits 3');
  await app.filter('lm_head.bias');
  await expect(app.row(/^bias .*2×3/)).toBeVisible();
});

test('keys of a text document are written whole, and nested', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(example('support-desk-before.json'));
  const before = readFileSync(example('support-desk-before.json'), 'utf8');
  await command(app, 'Nest keys');
  await expect(app.edits).toHaveText('Edits 1');
  const nested = JSON.parse((await app.saveByDownload()).toString());
  expect(nested.triage.name).toBe('triage');
  expect(Object.keys(nested).filter((key) => key.includes('.'))).toEqual([]);
  await page.getByRole('button', { name: 'Edit this document' }).click();
  await page.getByRole('menuitem', { name: 'Flatten keys' }).click();
  await expect(app.edits).toHaveText('Edits 2');
  expect(JSON.parse((await app.saveByDownload()).toString())).toEqual(JSON.parse(before));
});

test('what a cast loses is counted over all values', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(example('digits-final.safetensors'));
  await app.row(/^features/).click();
  await page.getByRole('button', { name: 'Edit this module' }).click();
  await page.getByRole('menuitem', { name: 'Cast…' }).click();
  const cast = page.getByRole('dialog', { name: 'Edit tensors' });
  await cast.getByRole('button', { name: 'Count what is lost' }).click();
  const lost = cast.getByRole('region', { name: 'What is lost' });
  await expect(lost.getByRole('status')).toHaveText(/^Of \d+ numbers .*\d+ rounded, by up to/);
  expect(await app.violations()).toEqual([]);
  await cast.getByRole('combobox', { name: 'Element type' }).selectOption('f64');
  await expect(lost).toHaveCount(0);
  await cast.getByRole('button', { name: 'Count what is lost' }).click();
  await expect(lost.getByRole('status')).toHaveText(/^All \d+ numbers stay what they are\.$/);
});

/** A safetensors file of f32 tensors. */
function safetensors(
  tensors: Readonly<Record<string, readonly [shape: readonly number[], values: readonly number[]]>>,
): Buffer {
  let at = 0;
  const header = Object.entries(tensors).map(([key, [shape, { length }]]) => {
    const data_offsets = [at, at + 4 * length];
    at += 4 * length;
    return [key, { dtype: 'F32', shape, data_offsets }];
  });
  const text = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const size = Buffer.alloc(8);
  size.writeUInt32LE(text.length);
  const data = Float32Array.from(Object.values(tensors).flatMap(([, values]) => values));
  return Buffer.concat([size, text, Buffer.from(data.buffer)]);
}

test('a LoRA of another document is baked, with alpha from the file beside it', async ({ app }) => {
  await withFolder(async (folder) => {
    const adapter = join(folder, 'adapter');
    await mkdir(adapter);
    const p = 'base_model.model.q.lora_';
    const pair = {
      [`${p}A.weight`]: [
        [1, 2],
        [1, 2],
      ],
      [`${p}B.weight`]: [
        [3, 1],
        [1, 10, 100],
      ],
    } as const;
    await writeFile(join(adapter, 'adapter_model.safetensors'), safetensors(pair));
    await writeFile(
      join(adapter, 'adapter_config.json'),
      JSON.stringify({ r: 1, lora_alpha: 2, fan_in_fan_out: false }),
    );
    await writeFile(
      join(folder, 'base.safetensors'),
      safetensors({
        'q.weight': [
          [3, 2],
          [0, 0, 0, 0, 0, 0],
        ],
      }),
    );
    await app.start();
    await app.dropAndSee(adapter);
    await app.dropAndSee(join(folder, 'base.safetensors'));
    await expect(app.documentRow).toContainText('base.safetensors');
    await command(app, 'Bake LoRA');
    const bake = app.page.getByRole('dialog', { name: 'Bake LoRA' });
    await expect(bake.getByRole('textbox', { name: /^Alpha/ })).toHaveValue('2');
    await expect(bake).toContainText('adapter_config.json says alpha 2, rank 1.');
    await expect(bake.getByRole('list', { name: 'Weights that are updated' })).toContainText('q.weight');
    expect(await app.violations()).toEqual([]);
    await bake.getByRole('textbox', { name: /^Alpha/ }).fill('');
    await expect(bake.getByRole('list', { name: 'What is left as it is' })).toContainText('alpha is not in the file');
    await expect(bake.getByRole('button', { name: 'Bake' })).toBeDisabled();
    await bake.getByRole('textbox', { name: /^Alpha/ }).fill('2');
    await bake.getByRole('button', { name: 'Bake into 1 weight' }).click();
    await expect(app.edits).toHaveText('Edits 1');
    const saved = await app.saveByDownload();
    const bytes = Uint8Array.from(bytesOf(saved, 'q.weight'));
    expect([...new Float32Array(bytes.buffer)]).toEqual([2, 4, 20, 40, 200, 400]);
  });
});
