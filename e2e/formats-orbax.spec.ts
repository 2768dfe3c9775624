import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { fixture, withFolder } from './fixtures.ts';
import { expect, test } from './page.ts';

/** A folder as Orbax left it. */
async function unpack(name: string, folder: string): Promise<string> {
  for (const [path, bytes] of Object.entries(unzipSync(await readFile(fixture(`orbax/${name}.zip`))))) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  return join(folder, name);
}

test('a folder of Orbax is one document; values of an array in shards are looked at', async ({ app, page }) => {
  const golden = JSON.parse(await readFile(fixture('orbax/ocdbt.zip.json'), 'utf8'));
  const { values } = golden.entries.find(({ path }: { path: string[] }) => path.join('.') === 'params.dense.kernel');
  await withFolder(async (folder) => {
    await app.start();
    await app.drop(await unpack('ocdbt', folder));
    await expect(app.notices).toHaveCount(0);
    await app.filter('kernel');
    await app.row(/kernel .*bf16 8×6/).click();
    await app.openTab('Values');
    for (const row of [0, 7]) {
      const shown = values.slice(6 * row, 6 * row + 6).map((value: number) => value.toFixed(3));
      await expect(page.getByRole('row', { name: [row, ...shown].join(' ') })).toBeVisible();
    }
    expect(await app.violations()).toEqual([]);
  });
});

test('steps of a run are documents, the newest first; arrays in folders of their own open too', async ({
  app,
  page,
}) => {
  await withFolder(async (folder) => {
    await app.start();
    await app.drop(await unpack('steps', folder));
    await expect(app.documentRow).toContainText('steps/10/state');
    await page
      .getByRole('banner')
      .getByRole('button', { name: /steps\/10/ })
      .click();
    await expect(page.getByRole('menuitem', { name: /steps\/1\/state/ })).toBeVisible();
    await page.keyboard.press('Escape');
    await app.start();
    await app.drop(await unpack('zarr2', folder));
    await expect(app.row(/embed .*f32 6×5/)).toBeVisible();
    await expect(app.notices).toHaveCount(0);
  });
});
