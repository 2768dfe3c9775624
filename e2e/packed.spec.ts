import { fixture } from './fixtures.ts';
import { expect, test } from './page.ts';

// The runtime is compiled when the first module runs: some seconds, more beside other work.
test.setTimeout(120_000);

test('weights that GPTQ packed are counted, shown and run as weights, and unpacked to be edited', async ({ app }) => {
  const { page } = app;
  await app.start();
  await app.dropAndSee(fixture('packed/gptq.safetensors'));
  const card = page.locator('section', { has: page.getByRole('heading', { name: 'Packed weights' }) }).last();
  await expect(card).toContainText('GPTQ, 4 bits, groups of 32');
  // At once, without an edit: what AutoGPTQ itself makes of it.
  await app
    .row(/qweight/)
    .nth(2)
    .click();
  const grid = page.getByRole('grid', { name: /^Values of/ });
  await expect(grid).toContainText('-0.0464');
  const title = page.getByRole('region', { name: 'Selection' });
  await expect(title).toContainText('stands for f16 32 × 64');
  await page.getByRole('radio', { name: 'Stored' }).click();
  await expect(grid).not.toContainText('-0.0464');
  await page.getByRole('radio', { name: 'Unpacked' }).click();
  await page.getByRole('tab', { name: 'Statistics' }).click();
  await expect(page.getByText('2,048 f16 values')).toBeVisible();
  await page
    .getByRole('button', { name: /^at \[/ })
    .first()
    .click();
  await expect(page.getByRole('textbox', { name: 'Slice' })).toHaveValue(/^\d+:32, \d+:64$/);
  expect(await app.violations()).toEqual([]);
  await app
    .row(/qzeros/)
    .nth(2)
    .click();
  await title.getByRole('button', { name: 'qweight' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('model.layers.2.self_attn.q_proj.qweight');
  await app
    .row(/^q_proj/)
    .nth(2)
    .click();
  await page.getByRole('tab', { name: 'Run', exact: true }).click();
  await expect(page.getByText('stored as GPTQ 4-bit codes with scales')).toBeVisible();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'output', exact: true })).toBeVisible({ timeout: 60_000 });
  await page
    .getByRole('button', { name: /^gptq\.safetensors/ })
    .last()
    .click();
  await app.openTab('Overview');
  await card.getByRole('button', { name: 'Unpack' }).click();
  await expect(card).toBeHidden();
  // The button went with its card: the keyboard stays in the view.
  await expect(page.getByRole('tabpanel')).toBeFocused();
  await expect(app.row(/qweight/)).toHaveCount(0);
  await expect(app.row(/^weight/)).toHaveCount(4);
  await expect(app.row(/^weight/).nth(2)).toContainText('32×64');
  await app
    .row(/^weight/)
    .nth(2)
    .click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('model.layers.2.self_attn.q_proj.weight');
  // What AutoGPTQ itself makes of it.
  await expect(page.getByRole('grid', { name: /^Values of/ })).toContainText('-0.0464');
  await page.keyboard.press('Control+z');
  await expect(app.row(/qweight/).first()).toBeVisible();
});
