import { fixture } from './fixtures.ts';
import { expect, test } from './page.ts';

test('weights that GPTQ packed are counted as weights, and unpacked to be looked at', async ({ app }) => {
  const { page } = app;
  await app.start();
  await app.dropAndSee(fixture('packed/gptq.safetensors'));
  const card = page.locator('section', { has: page.getByRole('heading', { name: 'Packed weights' }) }).last();
  await expect(card).toContainText('GPTQ, 4 bits, groups of 32');
  await card.getByRole('button', { name: 'Unpack' }).click();
  await expect(card).toBeHidden();
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
