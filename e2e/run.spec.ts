import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { llama7b, writeSafetensors } from '../tools/bench/sparse.ts';
import { example, fixture, withFolder } from './fixtures.ts';
import { expect, type Stateglass, test } from './page.ts';

/** The runtime is compiled when the first module runs: some seconds, more beside other work. */
const RUN_MS = 60_000;
test.setTimeout(120_000);

async function openRun(app: Stateglass, path: string, module?: { row: RegExp; filter: string }): Promise<void> {
  await app.start();
  await app.dropAndSee(path);
  if (module) {
    await app.filter(module.filter);
    await app.row(module.row).first().click();
  }
  await app.page.getByRole('tab', { name: 'Run', exact: true }).click();
}

const card = (page: Page, title: string) =>
  page
    .locator('section')
    .filter({ has: page.getByRole('heading', { name: title, exact: true }) })
    .last();
const likeliest = (page: Page) => page.getByRole('rowheader').first();

/** Strokes on the pad, in parts of its width and height. */
async function draw(page: Page, strokes: readonly (readonly (readonly [number, number])[])[]): Promise<void> {
  const pad = page.getByRole('application', { name: 'Drawing pad' });
  await pad.scrollIntoViewIfNeeded();
  const box = (await pad.boundingBox())!;
  for (const [first, ...rest] of strokes) {
    await page.mouse.move(box.x + first![0] * box.width, box.y + first![1] * box.height);
    await page.mouse.down();
    for (const [x, y] of rest) await page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 6 });
    await page.mouse.up();
  }
}

/** As the data set has them: upright, the height of the picture. */
const ONE = [
  [
    [0.42, 0.22],
    [0.55, 0.06],
    [0.55, 0.94],
  ],
] as const;
const ZERO = [
  [
    [0.5, 0.06],
    [0.3, 0.2],
    [0.24, 0.5],
    [0.3, 0.8],
    [0.5, 0.94],
    [0.7, 0.8],
    [0.76, 0.5],
    [0.7, 0.2],
    [0.5, 0.06],
  ],
] as const;

test('a digit that is drawn is named; an edited bias is seen before and after', async ({ app, page }) => {
  await openRun(app, example('digits-final.safetensors'));
  await expect(page.getByRole('region', { name: 'How it is run' })).toContainText('CNN');
  await draw(page, ZERO);
  await expect(likeliest(page)).toHaveText('0', { timeout: RUN_MS });
  await expect(page.getByText(/^WASM, because /)).toContainText('run');
  expect(await app.violations()).toEqual([]);
  await page.getByRole('button', { name: 'Clear' }).click();
  await draw(page, ONE);
  await expect(likeliest(page)).toHaveText('1');

  // A bias so large that nothing else is chosen any more.
  await app.filter('classifier.3.bias');
  await app.row(/^bias f32 10 /).click();
  await page.getByRole('tab', { name: 'Values', exact: true }).click();
  const cell = page
    .getByRole('grid', { name: /^Values of classifier\.3\.bias/ })
    .getByRole('row')
    .nth(1)
    .getByRole('gridcell')
    .nth(3);
  await expect(cell).toHaveText(/\d/);
  await cell.click();
  await page.keyboard.type('99');
  await page.keyboard.press('Enter');
  await expect(app.edits).toHaveText('Edits 1');
  await app.documentRow.click();
  await page.getByRole('tab', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('combobox', { name: 'Run beside' })).toHaveValue('before');
  await expect(likeliest(page)).toHaveText('3', { timeout: RUN_MS });
  await expect(card(page, 'output')).toContainText('changed in 1 of 1');
  expect(await app.violations()).toEqual([]);
});

test('two training stages on the same drawing, and what a module inside gave', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(example('digits-final.safetensors'), example('digits-epoch1.safetensors'));
  await page.getByRole('tab', { name: 'Run', exact: true }).click();
  await draw(page, ZERO);
  await expect(likeliest(page)).toHaveText('0', { timeout: RUN_MS });
  await page.getByRole('combobox', { name: 'Run beside' }).selectOption({ label: 'digits-epoch1.safetensors' });
  await expect(card(page, 'output')).toContainText('KL divergence');
  await page
    .getByRole('region', { name: 'Modules inside' })
    .getByRole('button', { name: 'features.3', exact: true })
    .click();
  const inner = card(page, 'features.3');
  await expect(inner).toContainText('1×64×8×8');
  await expect(inner).toContainText('Largest change');
  expect(await app.violations()).toEqual([]);
});

test('the character GPT goes on as PyTorch does, for 100 characters', async ({ app, page }) => {
  const golden = JSON.parse(readFileSync(fixture('generation/char-gpt.json'), 'utf8'));
  await openRun(app, example('char-gpt.safetensors'));
  await expect(page.getByRole('region', { name: 'How it is run' })).toContainText('GPT-2');
  await page.getByRole('textbox', { name: 'Text' }).fill(golden.prompt);
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(page.getByRole('log')).toHaveText(`${golden.prompt}${golden.text}`, { timeout: RUN_MS });
  expect(await app.violations()).toEqual([]);

  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(likeliest(page)).toHaveText(golden.text[0], { timeout: RUN_MS });
  await page.getByRole('textbox', { name: 'Text' }).fill('The @');
  await expect(page.getByRole('article').filter({ hasText: 'It did not run' })).toContainText(
    '"@" is not in the vocabulary of 73 characters',
  );
});

test('a block of a model of seven billion is too large: a sentence, and what inside it can be run', async ({
  app,
  page,
}) => {
  await withFolder(async (folder) => {
    const path = join(folder, 'llama-7b.safetensors');
    await writeSafetensors(path, llama7b());
    await openRun(app, path);
    const refusal = page.getByRole('article').filter({ hasText: 'It cannot be run' });
    await expect(refusal).toContainText('as f32 its weights are too large to be run here');
    const smaller = page.getByRole('region', { name: 'Modules that can be run' });
    await expect(smaller.getByRole('button', { name: /self_attn Attention$/ }).first()).toBeVisible();
    expect(await app.violations()).toEqual([]);
    await smaller
      .getByRole('button', { name: /input_layernorm/ })
      .first()
      .click();
    await expect(page.getByRole('region', { name: 'How it is run' })).toContainText('RMSNorm');
  });
});

test('where there is no WebGPU it runs on WASM, and says why; an assumption can be corrected and taken back', async ({
  app,
  page,
}) => {
  await openRun(app, example('digits-final.pt'), { row: /^classifier/, filter: 'classifier' });
  await page.getByRole('combobox', { name: 'Run on' }).selectOption('webgpu');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByText(/^WASM, because /)).toContainText('WebGPU', { timeout: RUN_MS });
  const output = card(page, 'output');
  await output.getByRole('radio', { name: 'Numbers' }).click();
  const first = output.getByRole('gridcell').first();
  const before = await first.textContent();
  const activation = page.getByRole('combobox', { name: /^activation of/ });
  await activation.selectOption({ label: 'tanh' });
  await expect(first).not.toHaveText(before ?? '');
  await page.getByRole('button', { name: 'Take back' }).click();
  await expect(first).toHaveText(before ?? '');
});

test('running statistics that a step would leave behind are shown as changes, and taken as an edit', async ({
  app,
  page,
}) => {
  await openRun(app, fixture('modules/inox-stateful.safetensors'));
  await page.getByRole('combobox', { name: 'Sample' }).selectOption({ label: 'Ones' });
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const update = card(page, 'in_stats.first');
  await expect(update).toContainText('Largest change', { timeout: RUN_MS });
  await update.getByRole('button', { name: 'Take as its new value' }).click();
  await expect(app.edits).toHaveText('Edits 1');
  // It runs again on the edited state; what is not yet anew is dimmed.
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
  expect(await app.violations()).toEqual([]);
});

test('what one module gave goes into the next; what does not fit says why', async ({ app, page }) => {
  await openRun(app, example('digits-final.safetensors'), { row: /^3 Conv2d/, filter: 'features.3' });
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(card(page, 'output')).toContainText('Heatmap', { timeout: RUN_MS });
  await app.filter('features.4');
  await app.row(/^4 /).first().click();
  // What the other module gave is not shown as this one's.
  await expect(page.getByRole('region', { name: 'What comes out' })).toContainText('1×64×8×8');
  const sample = page.getByRole('combobox', { name: 'Sample' });
  await sample.selectOption({ label: 'Output of an earlier run' });
  await expect(page.getByRole('radio', { name: /^features\.3 ▸ output/ })).toBeChecked();
  await expect(page.getByRole('region', { name: 'What comes out' })).toContainText('1×64×16×16');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(card(page, 'output')).toContainText('1×64×', { timeout: RUN_MS });
  expect(await app.violations()).toEqual([]);
  await app.filter('classifier.1');
  await app
    .row(/^1 Linear/)
    .first()
    .click();
  await sample.selectOption({ label: 'Output of an earlier run' });
  await expect(
    page.getByRole('radio', { name: /^features\.3 ▸ output .* it has 4 axes, and 2 are wanted$/ }),
  ).toBeDisabled();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByText('No output of an earlier run is chosen for input.')).toBeVisible();
  expect(await app.violations()).toEqual([]);
});
