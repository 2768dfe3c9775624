import { readFileSync } from 'node:fs';
import { example, fixture } from './fixtures.ts';
import { expect, test } from './page.ts';

test('the chat template of a GGUF renders a conversation, and follows what is said and edited', async ({
  app,
  page,
}) => {
  await app.start();
  await app.dropAndSee(fixture('gguf/chat.gguf'));
  await app.openTab('Chat template');
  const rendered = page.getByRole('region', { name: 'Rendered text' });
  await expect(rendered).toContainText('<|user|>\nHow long does a bicycle chain last?<|end|>');
  await page.getByRole('textbox', { name: 'Message 2' }).fill('What is a state dict?');
  await expect(rendered).toContainText('<|user|>\nWhat is a state dict?<|end|>');
  await page.getByRole('combobox', { name: 'Role of message 2' }).selectOption('assistant');
  await expect(page.getByText('roles must alternate user and assistant', { exact: true })).toBeVisible();
  await page.getByRole('combobox', { name: 'Role of message 2' }).selectOption('user');

  const editor = page.getByRole('textbox', { name: 'Text of tokenizer.chat_template' });
  await editor.focus();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('Begin. ');
  await expect(rendered).toContainText('Begin.<|system|>');
  await expect(app.edits).toContainText('1');
  expect(await app.violations()).toEqual([]);
});

test('the vocabulary is looked through, and typed metadata are set and saved', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(fixture('gguf/chat.gguf'));
  await app.openTab('Tokenizer');
  const vocabulary = page.getByRole('table', { name: 'Vocabulary' });
  await expect(vocabulary.getByRole('row').nth(1)).toContainText('<unk>');
  await page.getByRole('searchbox', { name: 'Find tokens' }).fill(' the');
  await expect(vocabulary.getByRole('row')).toHaveCount(2);
  await expect(vocabulary.getByRole('row').nth(1)).toContainText('344');
  expect(await app.violations()).toEqual([]);

  await app.openTab('Metadata');
  await page.getByRole('button', { name: '324 texts' }).click();
  await expect(page.getByRole('table', { name: 'Items of tokenizer.ggml.merges' })).toContainText('a b');
  await page.getByRole('button', { name: 'Edit tokenizer.ggml.eos_token_id' }).click();
  const value = page.getByRole('textbox', { name: 'Value of tokenizer.ggml.eos_token_id' });
  await value.fill('-1');
  await page.getByRole('button', { name: 'Set', exact: true }).click();
  await expect(page.getByText('-1 is outside u32')).toBeVisible();
  await value.fill('2');
  await page.getByRole('button', { name: 'Set', exact: true }).click();
  await expect(app.edits).toContainText('1');
  const saved = await app.saveByDownload();
  const at = saved.indexOf('tokenizer.ggml.eos_token_id') + 'tokenizer.ggml.eos_token_id'.length + 4;
  expect(saved.readUInt32LE(at)).toBe(2);
});

test('a tensor in blocks is looked at as numbers, and compared with what it was made of', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(example('char-gpt.gguf'), example('char-gpt.safetensors'));
  await page
    .getByRole('region', { name: 'Opened together' })
    .getByRole('button', { name: 'Compare', exact: true })
    .click();
  await app.filter('blk.0.ffn_up');
  // The weights lie the other way round in the file they were made of.
  await app.row(/^weight Q4_0→f16 512×128→128×512/).click();
  const relative = page.getByRole('tabpanel').locator('dl > div', { hasText: 'Relative L2' }).locator('dd').first();
  await expect(relative).not.toHaveText('–');
  // Four bits lose some eight parts in a hundred.
  const error = Number(await relative.textContent());
  expect(error).toBeGreaterThan(0.03);
  expect(error).toBeLessThan(0.15);
});

test('a Q4_K tensor shows the values that gguf-py reads, and its histogram', async ({ app, page }) => {
  const { values } = JSON.parse(readFileSync(fixture('gguf/k-quants.gguf.json'), 'utf8'));
  await app.start();
  await app.dropAndSee(fixture('gguf/k-quants.gguf'));
  await app
    .row(/^weight.*Q4_K/)
    .first()
    .click();
  await app.openTab('Values');
  const cells = page.getByRole('grid', { name: /^Values of/ }).getByRole('gridcell');
  for (const [i, value] of values['blk.0.q4_k.weight'].slice(0, 4).entries())
    expect(Number(await cells.nth(i).textContent())).toBeCloseTo(value, 2);
  await app.openTab('Statistics');
  await expect(page.getByRole('slider', { name: /^Histogram/ })).toBeVisible();
});
