import { readFileSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from '@playwright/test';
import { llama7b, writeSafetensors } from '../tools/bench/sparse.ts';
import { example, fixture, withFolder } from './fixtures.ts';
import { expect, type Stateglass, test } from './page.ts';

const grid = (app: Stateglass): Locator => app.page.getByRole('grid', { name: /^Values of/ });
const slice = (app: Stateglass): Locator => app.page.getByRole('textbox', { name: 'Slice' });
const exact = (app: Stateglass): Locator => app.page.getByRole('textbox', { name: 'Value' });

/** Rows of numbers as they stand on screen. */
async function numbers(app: Stateglass): Promise<number[][]> {
  await expect(grid(app).locator('[data-tone="waiting"]')).toHaveCount(0);
  return grid(app).evaluate((element) =>
    [...element.querySelectorAll('[role="rowgroup"] [role="row"]:not([hidden])')].map((row) =>
      [...row.querySelectorAll('[role="gridcell"]:not([hidden])')].map((cell) => Number(cell.textContent)),
    ),
  );
}

async function openTensor(app: Stateglass, file: string, key: string): Promise<void> {
  await app.start();
  await app.dropAndSee(file);
  await app.page.keyboard.press('Control+k');
  await app.page.keyboard.type(key);
  await expect(app.page.getByRole('option', { name: key, exact: false }).first()).toBeVisible();
  await app.page.keyboard.press('Enter');
  await expect(app.page.getByRole('heading', { level: 1 })).toHaveText(key);
}

// float(x) of torch 2.13 for features.0.weight[0, 0] and [5, 0], to the digits shown.
const FIRST = [
  [-0.01, -0.17678, 0.19422],
  [-0.09858, -0.25077, 0.18394],
  [0.32422, -0.37357, -0.19608],
];
const SIXTH = [
  [-0.17009, 0.13698, -0.04733],
  [-0.26519, -0.35878, -0.36075],
  [0.13894, 0.26062, 0.21065],
];

test('a click on a tensor shows the numbers that torch shows', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(example('digits-final.pt'));
  await app.row(/weight f32 32×1×3×3/).click();
  await expect(page.getByRole('tab', { name: 'Values' })).toHaveAttribute('aria-selected', 'true');
  await expect(slice(app)).toHaveValue('0, 0, :, :');
  expect(await numbers(app)).toEqual(FIRST);
  await page.getByRole('slider', { name: 'Position on axis 0' }).focus();
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
  await expect(slice(app)).toHaveValue('5, 0, :, :');
  await expect(grid(app)).toContainText('-0.17009');
  expect(await numbers(app)).toEqual(SIXTH);
});

test('every number stands under the head of its column', async ({ app }) => {
  await openTensor(app, example('char-gpt.safetensors'), 'wte.weight');
  await numbers(app);
  const edges = await grid(app).evaluate((element) => {
    const right = (role: string) =>
      [...element.querySelectorAll(`[role="${role}"][aria-colindex]:not([hidden])`)].map((cell) => [
        cell.getAttribute('aria-colindex'),
        Math.round(cell.getBoundingClientRect().right),
      ]);
    return { heads: right('columnheader').slice(1), cells: right('gridcell') };
  });
  expect(edges.heads.length).toBeGreaterThan(3);
  expect(edges.cells.slice(0, edges.heads.length)).toEqual(edges.heads);
});

test('a slice is written as NumPy writes it, turned round, and kept for the neighbour', async ({ app, page }) => {
  await openTensor(app, example('digits-final.pt'), 'features.3.weight');
  await slice(app).fill('5, 1::10, 2, ::-1');
  await slice(app).press('Enter');
  await expect(grid(app)).toHaveAttribute('aria-rowcount', '5');
  await expect(grid(app).getByRole('rowheader').nth(2)).toHaveText('21');
  await expect(grid(app).getByRole('columnheader').nth(1)).toHaveText('2');
  const straight = await numbers(app);
  await page.getByRole('button', { name: 'Swap rows and columns' }).click();
  await expect(grid(app)).toHaveAttribute('aria-rowcount', '4');
  const turned = await numbers(app);
  expect(turned[2]?.[1]).toBe(straight[1]?.[2]);
  await expect(page).toHaveURL(/slice=5/);
  await page.reload();
  await app.drop(example('digits-final.pt'));
  await expect(slice(app)).toHaveValue('5, 1:32:10, 2, 2::-1');
});

test('a slice that cannot be read says where, and changes nothing', async ({ app, page }) => {
  await openTensor(app, example('digits-final.pt'), 'features.0.weight');
  await slice(app).fill('0, 7, :, :');
  await slice(app).press('Enter');
  await expect(slice(app)).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByText('position 7 is outside dimension 1, which has 1 element')).toBeVisible();
  await expect(page.locator('mark')).toHaveText('7, :, :');
  expect(await numbers(app)).toEqual(FIRST);
  await slice(app).press('Escape');
  await expect(slice(app)).toHaveValue('0, 0, :, :');
});

test('the grid is walked by keyboard, and tells the number in full with its bits', async ({ app, page }) => {
  await openTensor(app, example('digits-final.pt'), 'features.0.weight');
  await grid(app).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await expect(grid(app).getByRole('gridcell', { selected: true })).toHaveText('-0.17678');
  const active = await grid(app).getAttribute('aria-activedescendant');
  await expect(page.locator(`[id="${active}"]`)).toHaveText('-0.17678');
  await page.keyboard.press('Control+End');
  await expect(page.getByRole('textbox', { name: 'Go to index' })).toHaveValue('0, 0, 2, 2');
  await page.keyboard.press('Shift+ArrowUp');
  await expect(grid(app).getByRole('gridcell', { selected: true })).toHaveCount(2);
  await page.getByRole('textbox', { name: 'Go to index' }).fill('5, 0, 1, 2');
  await page.keyboard.press('Enter');
  await expect(slice(app)).toHaveValue('5, 0, :, :');
  // float(w[5, 0, 1, 2]) and its bits, by torch.
  await expect(exact(app)).toHaveValue('-0.3607455790042877');
  await expect(page.getByText('0xbeb8b3a5')).toBeVisible();
});

test('a block is copied with tabs, every digit', async ({ app, page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await openTensor(app, example('digits-final.pt'), 'features.0.weight');
  await slice(app).fill('5, 0, :, :');
  await slice(app).press('Enter');
  await grid(app).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Control+c');
  const wanted = '-0.17009441554546356\t0.13698169589042664\n-0.26519033312797546\t-0.3587817847728729';
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(wanted);
});

test('64-bit integers are exact; NaN and infinities stand out', async ({ app, page }) => {
  const golden = JSON.parse(readFileSync(fixture('slices/tensors.pt.json'), 'utf8')) as {
    slices: Record<string, Record<string, { values: (number | string)[] }>>;
  };
  await openTensor(app, fixture('slices/tensors.pt'), 'wide');
  const wide = golden.slices.wide?.['']?.values ?? [];
  expect(wide.length).toBeGreaterThan(2);
  for (const [i, value] of wide.entries()) {
    await page.getByRole('textbox', { name: 'Go to index' }).fill(String(i));
    await page.keyboard.press('Enter');
    await expect(exact(app)).toHaveValue(String(value));
    await expect(grid(app).getByRole('gridcell', { selected: true })).toHaveText(String(value));
  }
  await page.keyboard.press('Control+k');
  await page.keyboard.type('special');
  await page.keyboard.press('Enter');
  await expect(grid(app).locator('[data-tone="odd"]').first()).toBeVisible();
  await expect(page.getByText('NaN or Inf')).toBeVisible();
});

test('the heatmap tells the number under the pointer and moves the grid', async ({ app, page }) => {
  await openTensor(app, example('char-gpt.safetensors'), 'h.0.mlp.c_fc.weight');
  const picture = page.getByRole('group', { name: /^Heatmap/ });
  await expect(page.getByText(/1 of every 1×1|all 65,536 values/)).toBeVisible();
  const box = (await picture.boundingBox())!;
  await page.mouse.move(box.x + 0.2, box.y + 0.2);
  const heatmap = page.getByRole('region', { name: 'Heatmap' });
  const corner = await grid(app).getByRole('gridcell').first().textContent();
  await expect(heatmap).toContainText(/\[0, 0\] {2}-?0\.\d+/);
  const told = Number(/\[0, 0\] {2}(-?\d+\.\d+)/.exec((await heatmap.textContent()) ?? '')?.[1]);
  expect(Math.abs(told - Number(corner))).toBeLessThan(1e-4);
  await page.mouse.click(box.x + box.width - 2, box.y + box.height - 2);
  await expect(grid(app).getByRole('rowheader').last()).toHaveText('127');
  await picture.focus();
  for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowUp');
  await expect(grid(app).getByRole('rowheader').first()).toHaveText('0');
});

test('kernels are images; one opens as numbers', async ({ app, page }) => {
  await openTensor(app, example('digits-final.pt'), 'features.3.weight');
  await page.getByRole('radio', { name: 'Images' }).click();
  const images = page.getByRole('group', { name: /^Images of features\.3\.weight: 64×32 of 3×3/ });
  await images.focus();
  await page.keyboard.press('ArrowDown');
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
  await expect(page.getByText('[2, 2, :, :]')).toBeVisible();
  const box = (await images.boundingBox())!;
  // Kernel (2, 2), its number (1, 0): 40 pixels a kernel, 12 a number, behind the titles.
  await page.mouse.move(box.x + 40 + 2 * 40 + 6, box.y + 20 + 2 * 40 + 18);
  await expect(page.getByText('[2, 2, 1, 0]  0.029619064182043076')).toBeVisible();
  await images.focus();
  await page.keyboard.press('Enter');
  await expect(slice(app)).toHaveValue('2, 2, :, :');
});

test('bytes are those of the file, with the number they are part of', async ({ app, page }) => {
  const path = example('digits-final.pt');
  await openTensor(app, path, 'classifier.1.weight');
  await page.getByRole('radio', { name: 'Hex' }).click();
  const bytes = page.getByRole('grid', { name: /^Bytes of/ });
  await bytes.focus();
  await page.keyboard.press('Control+End');
  await expect(page.getByText(/byte [\d,]+ of digits-final\.pt/)).toBeVisible();
  const told = /byte ([\d,]+) of/.exec((await page.getByRole('region', { name: 'Bytes' }).textContent()) ?? '')?.[1];
  const at = Number(told?.replaceAll(',', ''));
  const file = await readFile(path);
  await expect(bytes.getByRole('gridcell', { selected: true })).toHaveText(file[at]!.toString(16).padStart(2, '0'));
  await expect(page.getByText(`[95, 1023] ${file.readFloatLE(at - 3)}`)).toBeVisible();
});

test('the far corner of a 4096×11008 matrix in a 13.5 GB file', async ({ app, page }) => {
  await withFolder(async (folder) => {
    const path = join(folder, 'llama.safetensors');
    const { size } = await writeSafetensors(path, llama7b());
    // The last number of the last tensor in the file: bf16 1.5 is 3fc0.
    const file = await open(path, 'r+');
    await file.write(Uint8Array.of(0xc0, 0x3f), 0, 2, size - 2);
    await file.close();
    await openTensor(app, path, 'model.norm.weight');
    await grid(app).focus();
    await page.keyboard.press('Control+End');
    await expect(exact(app)).toHaveValue('1.5');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('layers.3.mlp.down_proj');
    await page.keyboard.press('Enter');
    await expect(grid(app)).toHaveAttribute('aria-rowcount', '4097');
    await grid(app).focus();
    await page.keyboard.press('Control+End');
    await expect(page.getByRole('textbox', { name: 'Go to index' })).toHaveValue('4095, 11007');
    await expect(exact(app)).toHaveValue('0');
    await expect(grid(app).getByRole('columnheader', { name: '11007' })).toBeVisible();
    await expect(page.getByText(/1 of every \d+×22 values/)).toBeVisible();
    // Some megabytes of thirteen thousand.
    await expect(app.bytesRead).toHaveText(/^([\d.]+ kB|\d\.\d+ MB|[1-3]\d\.\d MB) read/);
  });
});
