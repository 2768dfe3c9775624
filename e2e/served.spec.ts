import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fixture } from './fixtures.ts';
import { expect, test as plain } from './page.ts';

/** The command itself, serving a folder; its address as it was printed. */
const test = plain.extend<{ address: string }>({
  address: async ({ page: _ }, use) => {
    const command = [join(import.meta.dirname, '../tools/cli.mjs'), 'open', fixture('safetensors/sharded')];
    const child = spawn('node', command, { stdio: ['ignore', 'pipe', 'inherit'] });
    await use(await readAddress(child));
    child.kill();
  },
});

function readAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    child.stdout?.on('data', (chunk) => {
      said += chunk;
      const found = /http:\S+#open=\S+/.exec(said);
      if (found) resolve(found[0]);
    });
  });
}

test('what the command serves opens at once, again after a reload, and for nobody else', async ({
  app,
  page,
  address,
  browser,
}) => {
  await page.goto(address);
  await expect(app.documentRow).toContainText('sharded');
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  expect(page.url()).not.toContain('open=');
  await app
    .row(/weight/)
    .first()
    .click();
  await expect(page).toHaveURL(/key=/);
  await page.reload();
  await expect(app.documentRow).toContainText('sharded');
  await expect(app.selected).toHaveAccessibleName(/weight/);

  const other = await browser.newContext();
  const leaked = await other.newPage();
  await leaked.goto(address);
  await expect(leaked.getByRole('alert')).toContainText('opens once, and was used before');
  await other.close();
});
