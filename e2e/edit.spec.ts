import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { example, fixture, withFolder } from './fixtures.ts';
import { expect, Stateglass, test } from './page.ts';

const editor = (app: Stateglass) => app.page.getByRole('textbox', { name: /^Text of/ });

/** An agent's state as a person keeps it: with comments, in an order and a style of its own. */
const AGENT = `# the support desk, tuned by hand
max_turns = 6   # more is never needed

[triage]
# keep it short
"instructions" = "Classify the customer's message."
system_message = """
You are a helpful assistant.
Answer in {language}."""  # the template
examples = ["a", "b"]
`;

/** Shows the first text that is called so, ready to be typed into. */
async function showText(app: Stateglass, name: string): Promise<void> {
  await app.filter(name);
  await expect(app.page.getByText(/^\d+ of \d+$/)).toBeVisible();
  // Rows that move while one aims are missed.
  await app.page.waitForTimeout(300);
  await app.row(new RegExp(name)).last().click();
  await expect(editor(app)).toBeVisible();
}

async function openAgent(app: Stateglass, act: (path: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, 'agent.toml');
    await writeFile(path, AGENT);
    await app.start();
    await app.dropAndSee(path);
    await act(path);
  });
}

async function retype(app: Stateglass, text: string): Promise<void> {
  await editor(app).focus();
  await app.page.keyboard.press('Control+a');
  await app.page.keyboard.insertText(text);
}

test('a prompt is typed, undone, redone, and saved with its comments and every other byte', async ({ app, page }) => {
  await openAgent(app, async () => {
    await showText(app, 'instructions');
    await retype(app, 'Answer in one sentence.');
    await expect(app.edits).toHaveText('Edits 1');
    await expect(app.tree.getByRole('img', { name: 'edited', exact: true })).toHaveCount(1);

    await app.tree.focus();
    await page.keyboard.press('Control+z');
    await expect(app.edits).toHaveText('Edits 0');
    await expect(app.tree.getByRole('img', { name: 'edited', exact: true })).toHaveCount(0);
    await page.keyboard.press('Control+Shift+z');
    await expect(app.edits).toHaveText('Edits 1');

    const saved = (await app.saveByDownload()).toString('utf8');
    expect(saved).toBe(AGENT.replace("Classify the customer's message.", 'Answer in one sentence.'));
  });
});

test('typing on is one edit; what is no JSON is not taken over, and says so', async ({ app, page }) => {
  await openAgent(app, async () => {
    await showText(app, 'system_message');
    await editor(app).focus();
    await page.keyboard.press('Control+Home');
    for (const word of ['One ', 'two ', 'three ']) {
      await page.keyboard.type(word);
      await page.waitForTimeout(700);
    }
    await expect(app.edits).toHaveText('Edits 1');
    await showText(app, 'max_turns');
    await retype(app, '7x');
    await expect(page.getByRole('alert').filter({ hasText: 'Not taken over' })).toBeVisible();
    await expect(app.edits).toHaveText('Edits 1');
    await retype(app, '7');
    await expect(app.edits).toHaveText('Edits 2');
    await expect(page.getByRole('alert').filter({ hasText: 'Not taken over' })).toHaveCount(0);
    const saved = (await app.saveByDownload()).toString('utf8');
    expect(saved).toBe(AGENT.replace('= 6 ', '= 7 ').replace('You are', 'One two three You are'));
  });
});

test('what is pasted into a text is typed there, not opened', async ({ app, page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await openAgent(app, async () => {
    await showText(app, 'instructions');
    await page.evaluate(() => navigator.clipboard.writeText('Pasted. '));
    await editor(app).focus();
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('Control+v');
    await expect(app.edits).toHaveText('Edits 1');
    await expect(page.getByRole('tabpanel')).toContainText('Pasted. Classify');
    await page.keyboard.press('Control+z');
    await expect(page.getByRole('tabpanel')).not.toContainText('Pasted.');
    await expect(app.documentRow).toContainText('agent.toml');
  });
});

test('an entry is renamed by F2, and all by a rule with a preview', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(example('digits-final.safetensors'));
  await app
    .row(/^weight/)
    .first()
    .click();
  const key = await page.getByRole('region', { name: 'Selection' }).getByRole('heading').innerText();
  await page.keyboard.press('F2');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'New name' }).fill(`${key}_renamed`);
  await page.keyboard.press('Enter');
  await expect(app.edits).toHaveText('Edits 1');
  await expect(app.selected).toHaveAccessibleName(/weight_renamed/);

  await page.keyboard.press('F2');
  await dialog.getByText('All, by a rule').click();
  await dialog.getByRole('textbox', { name: 'Regular expression' }).fill('^features\\.');
  await dialog.getByRole('textbox', { name: /^Becomes/ }).fill('conv.');
  await expect(dialog.getByRole('status')).toHaveText(/names would change/);
  await dialog.getByRole('button', { name: /^Rename \d/ }).click();
  await expect(app.edits).toHaveText('Edits 2');
  await expect(app.row(/^conv /)).toBeVisible();

  const saved = await app.saveByDownload();
  const before = readFileSync(example('digits-final.safetensors'));
  const start = (bytes: Buffer) => 8 + bytes.readUInt32LE(0);
  expect(Buffer.compare(saved.subarray(start(saved)), before.subarray(start(before)))).toBe(0);
  expect(saved.toString('latin1', 8, start(saved))).toMatch(/"(conv|classifier)\.\d\.weight_renamed"/);
});

test('edits are listed, taken back one by one, and replayed elsewhere', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(fixture('safetensors/tiny.safetensors'));
  for (const title of ['first', 'second']) {
    await app.tree.getByRole('row').nth(2).click();
    const row = app.tree.locator('[role="row"][aria-level]:has([role="gridcell"])').last();
    await row.click();
    await page.getByRole('button', { name: 'Edit this entry' }).click();
    await page.getByRole('menuitem', { name: 'Duplicate…' }).click();
    await page.getByRole('textbox', { name: 'Name of the copy' }).fill(title);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
  await app.edits.click();
  const list = page.getByRole('list', { name: /2 edits/ });
  await expect(list.getByRole('listitem')).toHaveCount(2);
  const recipe = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save recipe' }).click();
  const text = await readFile(await (await recipe).path(), 'utf8');
  expect(JSON.parse(text).edits.map(({ op }: { op: string }) => op)).toEqual(['duplicate', 'duplicate']);
  await list.getByRole('button', { name: /^Take back .* as first/ }).click();
  await expect(page.getByRole('list', { name: /1 edit$/ }).getByRole('listitem')).toHaveText(/second/);
});

/** A file handle as the picker gives it; pickers cannot be driven, and this one lies in the page's own storage. */
async function offerHandle(page: Page, name: string, text: string): Promise<void> {
  await page.evaluate(
    async ([fileName, content]) => {
      const root = await navigator.storage.getDirectory();
      const handle = await root.getFileHandle(fileName, { create: true });
      const writable = await handle.createWritable();
      await writable.write(content);
      await writable.close();
      Object.assign(window, { showOpenFilePicker: async () => [handle] });
    },
    [name, text] as const,
  );
}

const readHandle = (page: Page, name: string): Promise<string> =>
  page.evaluate(async (fileName) => {
    const root = await navigator.storage.getDirectory();
    return (await (await root.getFileHandle(fileName)).getFile()).text();
  }, name);

test('saving to the file it came from changes that file, and the page goes on with it', async ({ app, page }) => {
  await app.start();
  await offerHandle(page, 'agent.toml', AGENT);
  await page.getByRole('button', { name: 'Open files' }).click();
  await showText(app, 'instructions');
  await retype(app, 'Saved in place.');
  await page.keyboard.press('Control+s');
  await page.getByRole('dialog').getByRole('button', { name: 'Save to agent.toml' }).click();
  await expect(app.edits).toHaveText('Edits 0');
  expect(await readHandle(page, 'agent.toml')).toBe(
    AGENT.replace("Classify the customer's message.", 'Saved in place.'),
  );
  await expect(page.getByRole('tabpanel')).toContainText('Saved in place.');
  await expect(app.notices).toHaveCount(0);
});

test('a disk that is full leaves the file as it was, and the edits', async ({ app, page }) => {
  await app.start();
  await offerHandle(page, 'agent.toml', AGENT);
  await page.getByRole('button', { name: 'Open files' }).click();
  await showText(app, 'instructions');
  await retype(app, 'Never written.');
  await page.evaluate(() => {
    FileSystemWritableFileStream.prototype.write = () => Promise.reject(new DOMException('full', 'QuotaExceededError'));
  });
  await page.keyboard.press('Control+s');
  await page.getByRole('dialog').getByRole('button', { name: 'Save to agent.toml' }).click();
  await expect(app.notices.first()).toContainText('not enough room');
  expect(await readHandle(page, 'agent.toml')).toBe(AGENT);
  await expect(app.edits).toHaveText('Edits 1');
});

test('a renderer that is killed in the middle loses no edit; a changed file is told apart', async ({
  app,
  page,
  context,
}) => {
  await openAgent(app, async (path) => {
    await showText(app, 'instructions');
    await retype(app, 'Typed before the crash.');
    await expect(app.edits).toHaveText('Edits 1');
    await page.waitForTimeout(1000);
    const crashed = page.waitForEvent('crash');
    const session = await context.newCDPSession(page);
    session.send('Page.crash').catch(() => undefined);
    await crashed;

    const second = await context.newPage();
    const again = new Stateglass(second);
    await again.start();
    await again.dropAndSee(path);
    const banner = second.getByRole('region', { name: 'Unsaved edits' });
    await expect(banner).toContainText('1 edit of');
    await expect(again.edits).toHaveText('Edits 0');
    await banner.getByRole('button', { name: 'Restore' }).click();
    await expect(again.edits).toHaveText('Edits 1');
    await showText(again, 'instructions');
    await expect(second.getByRole('tabpanel')).toContainText('Typed before the crash.');
    await second.waitForTimeout(1000);
    await second.close({ runBeforeUnload: false });

    await writeFile(path, `${AGENT}# and more\n`);
    const third = await context.newPage();
    const later = new Stateglass(third);
    await later.start();
    await later.dropAndSee(path);
    await expect(third.getByRole('region', { name: 'Unsaved edits' })).toContainText('The file has changed since');
    await expect(later.edits).toHaveText('Edits 0');
    await third.getByRole('button', { name: 'Discard' }).click();
    await third.reload();
    await later.dropAndSee(path);
    await expect(later.tree).toBeVisible();
    await third.waitForTimeout(500);
    await expect(third.getByRole('region', { name: 'Unsaved edits' })).toHaveCount(0);
  });
});

test('a renderer that is killed in the middle of saving leaves the file as it was', async ({ app, page, context }) => {
  await app.start();
  await offerHandle(page, 'agent.toml', AGENT);
  await page.getByRole('button', { name: 'Open files' }).click();
  await showText(app, 'instructions');
  await retype(app, 'Half written.');
  await page.evaluate(() => {
    const { write } = FileSystemWritableFileStream.prototype;
    Object.assign(window, { written: false });
    FileSystemWritableFileStream.prototype.write = async function (data) {
      await write.call(this, data);
      Object.assign(window, { written: true });
    };
    FileSystemWritableFileStream.prototype.close = () => new Promise(() => undefined);
  });
  await page.keyboard.press('Control+s');
  await page.getByRole('dialog').getByRole('button', { name: 'Save to agent.toml' }).click();
  await page.waitForFunction(() => (window as unknown as { written: boolean }).written);
  const crashed = page.waitForEvent('crash');
  const session = await context.newCDPSession(page);
  session.send('Page.crash').catch(() => undefined);
  await crashed;
  const second = await context.newPage();
  await second.goto('./');
  expect(await readHandle(second, 'agent.toml')).toBe(AGENT);
});

test('numbers are typed over, a block is pasted, and the saved file has them', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(example('char-gpt.safetensors'));
  await app.filter('wte.weight');
  await app.row(/weight f16 73×128/).click();
  const grid = page.getByRole('grid', { name: /^Values of/ });
  const cell = (row: number, column: number) =>
    grid
      .getByRole('row')
      .nth(row + 1)
      .getByRole('gridcell')
      .nth(column);
  await cell(0, 0).click();
  await page.keyboard.type('0.5');
  await page.keyboard.press('Enter');
  await expect(app.edits).toHaveText('Edits 1');
  await expect(cell(0, 0)).toHaveText(/^0\.5000?$/);
  await expect(page.getByRole('textbox', { name: 'Go to index' })).toHaveValue('1, 0');

  await cell(2, 1).click();
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', '1\t2\n-3\tNaN\n');
    document.activeElement?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
  });
  await expect(app.edits).toHaveText('Edits 2');
  await expect(cell(3, 1)).toHaveText(/^-3\.0000?$/);
  await expect(cell(3, 2)).toHaveText('NaN');

  const saved = await app.saveByDownload();
  const before = readFileSync(example('char-gpt.safetensors'));
  expect(saved.length).toBe(before.length);
  const start = 8 + before.readUInt32LE(0);
  const [from, to] = JSON.parse(before.toString('utf8', 8, start))['wte.weight'].data_offsets as [number, number];
  const changed = [...saved.keys()].filter((at) => saved[at] !== before[at]);
  for (const at of changed) expect(at >= start + from && at < start + to).toBe(true);
  const half = (row: number, column: number) => saved.readUInt16LE(start + from + 2 * (row * 128 + column));
  expect([half(0, 0), half(2, 1), half(2, 2), half(3, 1)]).toEqual([0x3800, 0x3c00, 0x4000, 0xc200]);
  expect(half(3, 2) & 0x7c00).toBe(0x7c00);
});
