import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { example, withFolder } from './fixtures.ts';
import { expect, type Stateglass, test } from './page.ts';

/** A safetensors file by its specification: where its tensors lie. */
function placesOf(file: Buffer): (key: string) => readonly [from: number, to: number] {
  const start = 8 + Number(file.readBigUInt64LE());
  const header = JSON.parse(file.toString('utf8', 8, start)) as Record<string, { data_offsets: [number, number] }>;
  return (key) => {
    const [from, to] = header[key]!.data_offsets;
    return [start + from, start + to];
  };
}

function floatsOf(file: Buffer, key: string): Float32Array {
  const [from, to] = placesOf(file)(key);
  return new Float32Array(Uint8Array.from(file.subarray(from, to)).buffer);
}

/** The file with numbers of some tensors added to. */
function shifted(file: Buffer, shifts: Readonly<Record<string, number>>): Buffer {
  const copy = Buffer.from(file);
  const placeOf = placesOf(file);
  for (const [key, shift] of Object.entries(shifts)) {
    const values = floatsOf(file, key).map((value) => value + shift);
    Buffer.from(values.buffer).copy(copy, placeOf(key)[0]);
  }
  return copy;
}

async function compare(app: Stateglass, a: string, b: string): Promise<void> {
  await app.start();
  await app.dropAndSee(a, b);
  await app.page.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(app.page.getByRole('tab', { name: 'Comparison' })).toBeVisible();
}

async function useBase(app: Stateglass, path: string): Promise<void> {
  await app.drop(path);
  const banner = app.page.getByRole('region', { name: 'Opened while comparing' });
  await banner.getByRole('button', { name: 'Use as base' }).click();
  await expect(banner).toHaveCount(0);
}

const chip = (page: Page, name: string | RegExp) =>
  page.getByRole('list', { name: 'Changed since the base' }).getByRole('button', { name });

test('what two made of a checkpoint is merged: a conflict is seen, weighed, and saved', async ({ app, page }) => {
  await withFolder(async (folder) => {
    const base = await readFile(example('digits-epoch1.safetensors'));
    const mine = shifted(base, { 'classifier.3.bias': 1, 'features.0.bias': 1 });
    const theirs = shifted(base, { 'classifier.3.bias': -1, 'features.4.bias': 2 });
    const paths = ['base', 'mine', 'theirs'].map((name) => join(folder, `${name}.safetensors`));
    for (const [i, bytes] of [base, mine, theirs].entries()) await writeFile(paths[i]!, bytes);
    await compare(app, paths[1]!, paths[2]!);
    await expect(page.getByRole('button', { name: 'Base: none' })).toBeVisible();
    await useBase(app, paths[0]!);
    await expect(page.getByText('18 tensors: 1 changed in A, 1 in B, 1 conflict.')).toBeVisible();
    await expect(page).toHaveURL(/base=base\.safetensors/);
    expect(await app.violations()).toEqual([]);

    await chip(page, '1 conflict').click();
    await expect(page.getByText('1 of 18')).toBeVisible();
    await app.row(/^bias .* conflict/).click();
    const panel = page.getByRole('tabpanel');
    await expect(panel.getByText('In conflict: both changed it, each in its own way.')).toBeVisible();
    const largest = panel.locator('dl > div', { hasText: 'Largest |Δ|' }).locator('dd').first();
    await expect(largest).toContainText(/^2at/);
    await panel.getByRole('radio', { name: 'base → A' }).click();
    await expect(largest).toContainText(/^1at/);
    await expect(panel.getByRole('region', { name: 'Heatmap of base' })).toBeVisible();
    await panel.getByRole('combobox', { name: 'In the merge' }).selectOption({ label: 'Weighted sum' });
    await panel.getByRole('textbox', { name: 'Share of B: In the merge' }).fill('0.25');
    expect(await app.violations()).toEqual([]);

    await page.getByRole('button', { name: 'Merge…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Merge B into A' });
    const edits = dialog.getByRole('list', { name: 'Edits of the merge' });
    await expect(edits).toContainText('Take features.4.bias from theirs.safetensors');
    await expect(edits).toContainText('Sum classifier.3.bias: × 0.75 + theirs.safetensors × 0.25');
    const decision = dialog.getByRole('combobox', { name: 'classifier.3.bias' });
    await decision.selectOption({ label: 'as above' });
    await expect(dialog.getByRole('alert')).toHaveText('1 conflict stays as A has it');
    await decision.selectOption({ label: 'Weighted sum' });
    const share = dialog.getByRole('textbox', { name: 'Share of B: classifier.3.bias' });
    await share.fill('much');
    await expect(dialog.getByRole('alert')).toHaveText('share of B: much is no number');
    await expect(dialog.getByRole('button', { name: /^Merge/ })).toBeDisabled();
    await share.fill('0.25');
    expect(await app.violations()).toEqual([]);
    await dialog.getByRole('button', { name: 'Merge: 2 edits' }).click();

    await expect(dialog).toHaveCount(0);
    await expect(app.edits).toHaveText('Edits 2');
    await expect(chip(page, '0 conflicts')).toBeVisible();
    await expect(panel.getByText('resolved')).toBeVisible();
    const saved = await app.saveByDownload();
    const [a, b] = [mine, theirs].map((file) => floatsOf(file, 'classifier.3.bias')) as [Float32Array, Float32Array];
    expect([...floatsOf(saved, 'classifier.3.bias')]).toEqual(
      [...a].map((value, i) => Math.fround(0.75 * value + 0.25 * b[i]!)),
    );
    expect(floatsOf(saved, 'features.4.bias')).toEqual(floatsOf(theirs, 'features.4.bias'));
    expect(floatsOf(saved, 'features.0.bias')).toEqual(floatsOf(mine, 'features.0.bias'));
  });
});

/** Prompts with some lines otherwise. */
async function writePrompts(folder: string) {
  const text = await readFile(example('support-desk-before.toml'), 'utf8');
  const put = (from: string, lines: readonly string[]) => (is: string) => is.replace(from, lines.join('\\n'));
  const rules = Array.from({ length: 8 }, (_, i) => `Rule ${i + 1}.`);
  const base = put('Answer the customer.\\nBe polite.', ['Answer the customer.', ...rules, 'Be polite.'])(
    put('"An answer."', ['"One.', 'Two.', 'Three.', 'Four."'])(text),
  );
  const mine = put('Answer the customer.', ['Answer in two sentences.'])(put('"One.', ['"First.'])(base));
  const theirs = put('Answer the customer.', ['Answer with a link.'])(
    put('Rule 5.', ['Cite the source.'])(put('Four."', ['Last."'])(base)),
  );
  const paths = ['base', 'mine', 'theirs'].map((name) => join(folder, `${name}.toml`));
  for (const [i, words] of [base, mine, theirs].entries()) await writeFile(paths[i]!, words);
  return { base: paths[0]!, mine: paths[1]!, theirs: paths[2]! };
}

test('prompts: lines that touch are a conflict, others merge by themselves; undone, it is a conflict again', async ({
  app,
  page,
}) => {
  await withFolder(async (folder) => {
    const { base, mine, theirs } = await writePrompts(folder);
    await compare(app, mine, theirs);
    await useBase(app, base);
    await expect(page.getByText('55 entries: 1 changed in both that merges, 1 conflict.')).toBeVisible();
    await page.getByRole('region', { name: 'Conflicts' }).getByRole('button', { name: 'writer.instructions' }).click();
    const three = page.getByRole('region', { name: 'Base, A and B of writer.instructions' });
    const conflict = three.getByRole('article').filter({ hasText: 'Conflict' });
    await expect(conflict).toContainText(
      /baseAnswer the customer\..*AAnswer in two sentences\..*BAnswer with a link\./s,
    );
    await expect(three.getByRole('article').filter({ hasText: 'Changed in B' })).toContainText('Cite the source.');
    expect(await app.violations()).toEqual([]);
    await page.setViewportSize({ width: 360, height: 800 });
    await expect(conflict).toBeVisible();
    expect(await app.violations()).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 800 });
    await chip(page, '1 to merge').click();
    await app.row(/^expected_output/).click();
    await expect(page.locator('.monaco-diff-editor')).toBeVisible();
    await expect(page.getByRole('tabpanel')).toContainText('the changes of both');

    await page.keyboard.press('Control+k');
    await page.keyboard.type('Merge B into A');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Merge B into A' });
    await dialog
      .getByRole('combobox', { name: 'Conflicts that are not decided below' })
      .selectOption({ label: 'Take B' });
    await dialog.getByRole('button', { name: 'Merge: 2 edits' }).click();
    await expect(app.edits).toHaveText('Edits 2');
    const saved = (await app.saveByDownload()).toString('utf8');
    expect(saved).toContain('First.\\nTwo.\\nThree.\\nLast.');
    expect(saved).toContain('Answer with a link.\\nRule 1.');
    expect(saved).toContain('Cite the source.');
    await page.keyboard.press('Escape');
    await app.tree.focus();
    await page.keyboard.press('Control+z');
    await expect(chip(page, '1 to merge')).toBeVisible();
    await page.keyboard.press('Control+z');
    await expect(app.edits).toHaveText('Edits 0');
    await expect(chip(page, '1 conflict')).toBeVisible();
  });
});

test('without a base two checkpoints are averaged; a base is named, swapped with a side, and cleared', async ({
  app,
  page,
}) => {
  await compare(app, example('digits-epoch1.safetensors'), example('digits-final.safetensors'));
  await page.getByRole('button', { name: 'Merge…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Merge B into A' });
  await expect(dialog).toContainText('what differs is a conflict, 18 entries');
  await dialog
    .getByRole('combobox', { name: 'Conflicts that are not decided below' })
    .selectOption({ label: 'Average of A and B' });
  await expect(dialog.getByRole('list', { name: 'Edits of the merge' })).toContainText(
    'Sum 18 entries: × 0.5 + digits-final.safetensors × 0.5',
  );
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await useBase(app, example('digits-epoch1.pt'));
  await expect(page.getByText('18 tensors: 18 changed in B.')).toBeVisible();
  await page.getByRole('button', { name: 'Base: digits-epoch1.pt' }).click();
  await page.getByRole('menuitem', { name: /^digits-final.*swaps with B/ }).click();
  await expect(page.getByRole('button', { name: 'Base: digits-final.safetensors' })).toBeVisible();
  await expect(page.getByText('18 tensors: 18 changed in both alike.')).toBeVisible();
  await page.getByRole('button', { name: 'Base: digits-final.safetensors' }).click();
  await page.getByRole('menuitem', { name: 'No base' }).click();
  await expect(page.getByRole('button', { name: 'Base: none' })).toBeVisible();
  await expect(page.getByText('18 tensors, and all are the same.')).toBeVisible();
});
