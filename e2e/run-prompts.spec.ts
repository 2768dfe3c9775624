import { readFileSync } from 'node:fs';
import { example, fixture } from './fixtures.ts';
import { expect, lineOf, type Stateglass, test } from './page.ts';

const messages = (app: Stateglass) =>
  app.page.getByRole('list', { name: 'Messages', exact: true }).getByRole('listitem');

async function openRun(app: Stateglass, path: string, choice?: RegExp): Promise<void> {
  await app.start();
  await app.dropAndSee(path);
  await app.documentRow.click();
  await app.page.getByRole('tab', { name: 'Run', exact: true }).click();
  if (choice) await app.page.getByRole('button', { name: choice }).click();
}

test('an agent shows the messages it sends, and what an edit changes of them', async ({ app, page }) => {
  await openRun(app, example('support-desk-before.toml'), /^writer msgflux agent/);
  await page.getByRole('textbox', { name: 'task' }).fill('My chain <b>jumps</b>.');
  await expect(messages(app)).toHaveCount(2);
  await expect(messages(app).first()).toContainText(
    '<instructions>\nAnswer the customer.\nBe polite.\n</instructions>',
  );
  await expect(messages(app).last()).toContainText('<task>My chain <b>jumps</b>.</task>');
  expect(await app.violations()).toEqual([]);

  await app.filter('writer.instructions');
  await app.row(/^instructions/).click();
  await page.getByRole('tab', { name: 'Text', exact: true }).click();
  await page.getByRole('textbox', { name: /^Text of/ }).focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('Answer {{ customer }} in one line.');
  await expect(app.edits).toHaveText('Edits 1');
  await app.filter('writer');
  await app
    .row(/^writer/)
    .first()
    .click();
  await page.getByRole('tab', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('combobox', { name: 'Run beside' })).toHaveValue('before');
  await page.getByRole('textbox', { name: 'customer' }).fill('Ada');
  await expect(lineOf(page, 'Answer Ada in one line.')).toBeVisible();
  await expect(lineOf(page, 'Be polite.')).toBeVisible();
  await page.getByRole('radio', { name: 'This' }).click();
  await expect(messages(app).first()).toContainText('Answer Ada in one line.');
  await page.getByRole('radio', { name: 'Beside' }).click();
  await expect(messages(app).first()).toContainText('Be polite.');
  expect(await app.violations()).toEqual([]);
});

test('a predictor of DSPy shows what DSPy sends; which fields come out can be corrected', async ({ app, page }) => {
  const { entries } = JSON.parse(readFileSync(fixture('templates/dspy-messages.json'), 'utf8'));
  const golden = entries.find(({ name }: { name: string }) => name === 'answer with demos');
  await openRun(app, example('rag-program.json'), /^answer\.predict DSPy predictor/);
  await page.getByRole('textbox', { name: 'question' }).fill(golden.inputs.question);
  await page.getByRole('textbox', { name: 'passages' }).fill(JSON.stringify(golden.inputs.passages));
  await expect(messages(app)).toHaveCount(golden.messages.length);
  const texts = await messages(app).locator('pre').allTextContents();
  expect(texts).toEqual(golden.messages.map(({ content }: { content: string }) => content));
  expect(await app.violations()).toEqual([]);

  await page.getByRole('combobox', { name: 'Direction of reasoning' }).selectOption('input');
  await expect(page.getByRole('textbox', { name: 'reasoning' })).toBeVisible();
  await expect(messages(app).last()).toContainText('starting with the field `[[ ## answer ## ]]`, and then');
  await page.getByRole('button', { name: 'Take back' }).click();
  await expect(page.getByRole('textbox', { name: 'reasoning' })).toHaveCount(0);
});

test('prompts before and after optimisation: the messages of A against those of B', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(example('support-desk-before.toml'), example('support-desk-after.toml'));
  await page.getByRole('button', { name: 'Compare', exact: true }).first().click();
  await app.row(/^triage 4 differ/).click();
  await page.getByRole('tab', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('combobox', { name: 'Run beside' })).toContainText('support-desk-after.toml');
  await expect(lineOf(page, 'You sort incoming mail for the support desk')).toBeVisible();
  await expect(lineOf(page, "Classify the customer's message.")).toBeVisible();
  expect(await app.violations()).toEqual([]);
  // The editor is drawn by numbers: it has to be told when the page turns dark.
  const lines = page.locator('.monaco-diff-editor .monaco-editor').last();
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect(lines).toHaveCSS('background-color', 'rgb(23, 24, 27)');
});
