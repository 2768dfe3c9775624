import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withFolder } from './fixtures.ts';
import { expect, lineOf, type Stateglass, test } from './page.ts';

const AGENT = {
  'writer.system_message': 'You write for {{ company }}.',
  'writer.instructions':
    'Passages:\n{% for passage in context %}\n- {{ passage.text }}\n{% endfor %}\nQuestion: {{ question }}',
  'writer.expected_output': 'One sentence.',
  'writer.name': 'writer',
  'writer.description': null,
};

const editor = (app: Stateglass) => app.page.getByRole('textbox', { name: /^Text of/ });
const rendered = (app: Stateglass) => app.page.getByRole('region', { name: 'Rendered text' });
const preview = (app: Stateglass) => app.page.getByRole('region', { name: /^Preview of/ });

async function openFile(app: Stateglass, name: string, text: string | Buffer, act: () => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, name);
    await writeFile(path, text);
    await app.start();
    await app.dropAndSee(path);
    await act();
  });
}

const openAgent = (app: Stateglass, act: () => Promise<void>) =>
  openFile(app, 'agent.json', JSON.stringify(AGENT, undefined, 2), act);

async function show(app: Stateglass, name: string): Promise<void> {
  await app.filter(name);
  await expect(app.page.getByText(/^1 of \d+$/)).toBeVisible();
  // Rows that move while one aims are missed.
  await app.page.waitForTimeout(300);
  await app.row(new RegExp(name)).last().click();
  await expect(editor(app)).toBeVisible();
}

async function retype(app: Stateglass, text: string): Promise<void> {
  await editor(app).focus();
  await app.page.keyboard.press('Control+a');
  await app.page.keyboard.insertText(text);
}

test('a prompt is rendered with samples of the right shape, and follows what is typed', async ({ app, page }) => {
  await openAgent(app, async () => {
    await show(app, 'instructions');
    await expect(page.getByRole('list', { name: 'Variables' }).getByRole('button')).toHaveText(['context', 'question']);
    await expect(rendered(app)).toContainText('- A bicycle chain wears out');
    await page.getByRole('textbox', { name: 'question' }).fill('Who am I?');
    await expect(rendered(app)).toContainText('Question: Who am I?');

    await retype(app, 'Answer {{ question | upper }} in {{ language }}.');
    await expect(rendered(app)).toHaveText('Answer WHO AM I? in French.');
    await expect(page.getByRole('list', { name: 'Variables' }).getByRole('button')).toHaveText([
      'question',
      'language',
    ]);
    expect(await app.violations()).toEqual([]);
  });
});

test('what is wrong is told with its line, and goes when it is mended', async ({ app, page }) => {
  await openAgent(app, async () => {
    await show(app, 'instructions');
    await retype(app, 'one\ntwo\n{% if question %}\nthree');
    await expect(preview(app).getByRole('alert')).toHaveText('Line 3{% if %} is never closed by {% endif %}');
    await retype(app, 'one\n{{ question.name.first }}');
    await page.getByRole('textbox', { name: 'question' }).fill('words');
    await expect(preview(app).getByRole('alert')).toHaveText('Line 2question.name is undefined');
    await retype(app, 'one\n{{ question }}');
    await expect(rendered(app)).toHaveText('one\nwords');
    await expect(preview(app).getByRole('alert')).toHaveCount(0);
  });
});

test('the rendered text is compared with that of the file', async ({ app, page }) => {
  await openAgent(app, async () => {
    await show(app, 'system_message');
    await expect(page.getByRole('radio', { name: 'Before and after' })).toHaveCount(0);
    await page.getByRole('textbox', { name: 'company' }).fill('Velo AG');
    await retype(app, 'You write briefly for {{ company }}.');
    await page.getByRole('radio', { name: 'Before and after' }).click();
    const difference = preview(app);
    await expect(lineOf(difference, 'You write for Velo AG.')).toBeVisible();
    await expect(lineOf(difference, 'You write briefly for Velo AG.')).toBeVisible();
  });
});

test('an agent shows the system prompt that msgflux makes of its parts', async ({ app, page }) => {
  await openAgent(app, async () => {
    await app
      .row(/^writer/)
      .first()
      .click();
    await page.getByRole('tab', { name: 'Text' }).click();
    await page.getByRole('textbox', { name: 'company' }).fill('Velo AG');
    await expect(rendered(app)).toContainText('<system_message>\nYou write for Velo AG.\n</system_message>');
    await expect(rendered(app)).toContainText('<expected_output>\nOne sentence.\n</expected_output>');
    await expect(page.getByText(/msgflux 0\.5\.1/)).toBeVisible();
    expect(await app.violations()).toEqual([]);
  });
});

test('a conversation is edited message by message', async ({ app, page }) => {
  const template = '{% for m in messages %}<|{{ m.role }}|>{{ m.content }}\n{% endfor %}';
  await openFile(app, 'chat.jinja', template, async () => {
    await app.row(/chat/).first().click();
    await expect(rendered(app)).toContainText('<|system|>You are a helpful assistant.');
    await page.getByRole('textbox', { name: 'Message 2' }).fill('<b>Hi!</b>');
    await page.getByRole('combobox', { name: 'Role of message 2' }).selectOption('tool');
    await expect(rendered(app)).toContainText('<|tool|><b>Hi!</b>');
    await page.getByRole('button', { name: 'Remove message 1' }).click();
    await expect(rendered(app)).not.toContainText('<|system|>');
  });
});

test('a text that TOML would lose is told while it is typed', async ({ app, page }) => {
  const toml =
    '"writer.instructions" = "Be brief."\n"writer.system_message" = "Hi"\n"writer.expected_output" = "x"\n"writer.name" = "writer"\n';
  await openFile(app, 'agent.toml', toml, async () => {
    await show(app, 'instructions');
    await retype(app, 'None');
    await expect(page.getByText(/reads the text None from TOML as null/)).toBeVisible();
    await retype(app, 'None of it.');
    await expect(page.getByText(/reads the text None/)).toHaveCount(0);
  });
});

test('the palette strips module. from all keys, after a look', async ({ app, page }) => {
  const names = ['module.fc.weight', 'module.fc.bias', 'module.norm.weight'];
  const header = Object.fromEntries(names.map((name) => [name, { dtype: 'F32', shape: [0], data_offsets: [0, 0] }]));
  const json = JSON.stringify(header);
  const length = String.fromCharCode(json.length & 255, json.length >> 8, 0, 0, 0, 0, 0, 0);
  await openFile(app, 'ddp.safetensors', Buffer.from(length + json, 'latin1'), async () => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('strip module');
    await expect(page.getByRole('option', { name: /^Strip the prefix module\./ })).toBeVisible();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Rename by rule' });
    await expect(dialog.getByRole('listitem')).toHaveText([/^module\.fc\.weightfc\.weight$/, /bias/, /norm/]);
    await dialog.getByRole('button', { name: 'Rename 3' }).click();
    await expect(app.row(/^fc/).first()).toBeVisible();
    await expect(app.row(/^module/)).toHaveCount(0);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('strip');
    await expect(page.getByText('Nothing by that name.')).toBeVisible();
  });
});
