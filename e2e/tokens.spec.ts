import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fixture, withFolder } from './fixtures.ts';
import { expect, test } from './page.ts';

test('a text goes through a tokenizer that is dropped on the open model', async ({ app }) => {
  const { page } = app;
  await withFolder(async (folder) => {
    const { config } = JSON.parse(await readFile(fixture('modules/gpt2.json'), 'utf8'));
    await copyFile(fixture('modules/gpt2.safetensors'), join(folder, 'model.safetensors'));
    await writeFile(join(folder, 'config.json'), JSON.stringify(config));
    await app.start();
    await app.dropAndSee(join(folder, 'model.safetensors'), join(folder, 'config.json'));
    await page.getByRole('tab', { name: 'Run' }).click();
    await expect(page.getByLabel('Sample')).toHaveValue('uniform');

    await app.drop(fixture('tokens/forty/tokenizer.json'));
    const text = page.getByRole('textbox', { name: 'Text' });
    await expect(text).toHaveValue('The statement');
    await expect(app.notices).toHaveCount(0);
    await text.fill('the statement is');
    const tokens = page.getByRole('region', { name: 'Tokens of the text' });
    await expect(tokens.getByRole('listitem')).toHaveText(['the', '␣statement', '␣is']);
    await expect(page.getByText('3 tokens')).toBeVisible();

    await page.getByRole('button', { name: 'Run', exact: true }).click();
    const likeliest = page.getByRole('table').first().getByRole('rowheader');
    await expect(likeliest).toHaveCount(10);
    for (const name of await likeliest.allTextContents())
      expect(name).toMatch(/^(␣?[a-z]+|<\|endoftext\|>|token \d+)$/);
    expect(app.strangers).toEqual([]);
    expect(app.errors).toEqual([]);
  });
});

test('a GGUF file takes a text, names next tokens and goes on with it by its own vocabulary', async ({ app }) => {
  const { page } = app;
  await app.start();
  await app.dropAndSee(fixture('modules/llama-q8_0.gguf'));
  await page.getByRole('tab', { name: 'Run' }).click();
  await page.getByRole('textbox', { name: 'Text' }).fill('the statement is');
  const tokens = page.getByRole('region', { name: 'Tokens of the text' });
  await expect(tokens.getByRole('listitem')).toHaveText(['the', '␣statement', '␣is']);
  await expect(page.getByText('3 tokens, by the tokenizer of the file (gpt-2)')).toBeVisible();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const likeliest = page.getByRole('table').first().getByRole('rowheader');
  await expect(likeliest).toHaveCount(10);
  for (const name of await likeliest.allTextContents())
    expect(name).toMatch(/^(␣?[a-z]+|␣|<\|endoftext\|>|\[PAD\d+\])$/);
  await page.getByRole('spinbutton', { name: 'Tokens' }).fill('5');
  await page.getByRole('button', { name: 'Go on', exact: true }).click();
  const made = page.getByRole('log', { name: 'The text that was made' });
  await expect(made).toHaveText(/^the statement is.*[a-z]/);
  await expect(made.locator('span')).toHaveCount(6);
  expect(await app.violations()).toEqual([]);
  expect(app.errors).toEqual([]);
});
