import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { example, fixture, withFolder } from './fixtures.ts';
import { expect, Stateglass, test } from './page.ts';

const SHARDS = [1, 2, 3, 4].map((n) => `model-0000${n}-of-00004.safetensors`);
const INDEX = 'model.safetensors.index.json';
const read = (name: string): string => readFileSync(fixture(`safetensors/sharded/${name}`)).toString('base64');

/** Pickers cannot be driven: a folder of the page's own storage is what they give. `files` are put into it, as base64. */
async function offerFolder(page: Page, folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await page.evaluate(
    async ([folderName, contents]) => {
      const root = await navigator.storage.getDirectory();
      const directory = await root.getDirectoryHandle(folderName, { create: true });
      for (const [name, base64] of Object.entries(contents)) {
        const writable = await (await directory.getFileHandle(name, { create: true })).createWritable();
        await writable.write(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
        await writable.close();
      }
      Object.assign(window, { showDirectoryPicker: async () => directory });
    },
    [folder, files] as const,
  );
}

/** Every file of such a folder, as base64. */
const readFolder = (page: Page, folder: string): Promise<Record<string, string>> =>
  page.evaluate(async (name) => {
    const directory = await (await navigator.storage.getDirectory()).getDirectoryHandle(name);
    const files: Record<string, string> = {};
    for await (const handle of (directory as unknown as { values(): AsyncIterable<FileSystemFileHandle> }).values()) {
      const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
      files[handle.name] = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    }
    return files;
  }, folder);

const dialog = (app: Stateglass) => app.page.getByRole('dialog', { name: /^Save/ });

async function openShards(app: Stateglass): Promise<Record<string, string>> {
  const files = Object.fromEntries([...SHARDS, INDEX].map((name) => [name, read(name)]));
  await app.start();
  await offerFolder(app.page, 'model', { ...files, 'config.json': btoa('{"model_type": "llama"}') });
  await app.page.getByRole('button', { name: 'Open a folder' }).click();
  await expect(app.tree).toBeVisible();
  return files;
}

async function renameNorm(app: Stateglass): Promise<void> {
  await app.filter('model.norm.weight');
  await expect(app.page.getByText(/^\d+ of \d+$/)).toBeVisible();
  await app.page.waitForTimeout(300);
  await app
    .row(/^weight/)
    .last()
    .click();
  await app.page.keyboard.press('F2');
  await app.page.getByRole('textbox', { name: 'New name' }).fill('model.norm.scale');
  await app.page.keyboard.press('Enter');
  await expect(app.edits).toHaveText('Edits 1');
}

test('shards are saved where they lie: only those that changed, and the page goes on', async ({ app, page }) => {
  const before = await openShards(app);
  await renameNorm(app);
  await page.keyboard.press('Control+s');
  await expect(dialog(app).getByRole('listitem').filter({ hasText: 'unchanged' })).toHaveCount(3);
  expect(await app.violations()).toEqual([]);
  await page.evaluate(() => {
    const { createWritable } = FileSystemFileHandle.prototype;
    Object.assign(window, { opened: [] });
    FileSystemFileHandle.prototype.createWritable = function () {
      (window as unknown as { opened: string[] }).opened.push(this.name);
      return createWritable.call(this);
    };
  });
  await dialog(app).getByRole('button', { name: 'Save to model' }).click();
  await expect(app.edits).toHaveText('Edits 0');
  const opened = await page.evaluate(() => (window as unknown as { opened: string[] }).opened);
  expect(opened).toEqual([SHARDS[3], INDEX]);
  const after = await readFolder(page, 'model');
  for (const name of SHARDS.slice(0, 3)) expect(after[name]).toBe(before[name]);
  expect(JSON.parse(atob(after[INDEX]!)).weight_map).toMatchObject({ 'model.norm.scale': SHARDS[3] });
  expect(atob(after[SHARDS[3]!]!)).toContain('"model.norm.scale"');
  await app.filter('norm.scale');
  await expect(app.row(/^scale/)).toBeVisible();
  await expect(app.notices).toHaveCount(0);
});

test('a disk that fills up between two files leaves all of them as they were', async ({ app, page }) => {
  const before = await openShards(app);
  await renameNorm(app);
  await page.evaluate(() => {
    const { write } = FileSystemWritableFileStream.prototype;
    let left = 1;
    FileSystemWritableFileStream.prototype.write = function (data) {
      return left-- > 0 ? write.call(this, data) : Promise.reject(new DOMException('full', 'QuotaExceededError'));
    };
  });
  await page.keyboard.press('Control+s');
  await dialog(app).getByRole('button', { name: 'Save to model' }).click();
  await expect(app.notices.first()).toContainText('not enough room');
  expect(await readFolder(page, 'model')).toMatchObject(before);
  await expect(app.edits).toHaveText('Edits 1');
});

test('all files go to another folder, with what lies beside them; nothing there is written over', async ({
  app,
  page,
}) => {
  const before = await openShards(app);
  await renameNorm(app);
  const save = async (folder: string, files: Readonly<Record<string, string>>) => {
    await offerFolder(page, folder, files);
    await page.keyboard.press('Control+s');
    await dialog(app).getByRole('button', { name: 'Save to a folder…' }).click();
  };
  await page.evaluate(() => {
    Object.assign(window, { showDirectoryPicker: () => Promise.reject(new DOMException('closed', 'AbortError')) });
  });
  await page.keyboard.press('Control+s');
  await dialog(app).getByRole('button', { name: 'Save to a folder…' }).click();
  await expect(dialog(app)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(app.edits).toHaveText('Edits 1');
  await save('taken', { [SHARDS[0]!]: btoa('mine') });
  await expect(app.notices.first()).toContainText('The file was not written');
  expect(await readFolder(page, 'taken')).toEqual({ [SHARDS[0]!]: btoa('mine') });
  await expect(app.notices.first()).toContainText('It is in taken already');
  await app.notices.first().getByRole('button', { name: 'Dismiss' }).click();
  await save('other', {});
  await expect(app.edits).toHaveText('Edits 0');
  const copied = await readFolder(page, 'other');
  expect(Object.keys(copied).sort()).toEqual([...SHARDS, INDEX, 'config.json'].sort());
  expect(copied[SHARDS[0]!]).toBe(before[SHARDS[0]!]);
  expect(await readFolder(page, 'model')).toMatchObject(before);
});

test('a file keeps its extension when it is saved as another', async ({ app, page }) => {
  await app.start();
  await app.dropAndSee(fixture('pytorch/tied.bin'));
  await app
    .row(/^weight/)
    .last()
    .click();
  await page.keyboard.press('F2');
  await page.getByRole('textbox', { name: 'New name' }).fill('head.weight');
  await page.keyboard.press('Enter');
  await expect(app.edits).toHaveText('Edits 1');
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const handle = await root.getFileHandle('renamed.ckpt', { create: true });
    const showSaveFilePicker = async ({ suggestedName }: { suggestedName: string }) => {
      Object.assign(window, { suggestedName });
      return handle;
    };
    Object.assign(window, { showSaveFilePicker });
  });
  await page.keyboard.press('Control+s');
  await dialog(app).getByRole('button', { name: 'Save as…' }).click();
  await expect(app.documentRow).toContainText('renamed.ckpt');
  expect(await page.evaluate(() => (window as unknown as { suggestedName: string }).suggestedName)).toBe('tied.bin');
  await expect(app.edits).toHaveText('Edits 0');
  await expect(app.row(/^head/)).toBeVisible();
});

test('a role that was given is saved beside the file, and read again with it', async ({ app, page }) => {
  await withFolder(async (folder) => {
    await app.start();
    await app.dropAndSee(example('digits-final.safetensors'));
    await app.filter('features.0.weight');
    await expect(page.getByText(/^\d+ of \d+$/)).toBeVisible();
    await page.waitForTimeout(300);
    await app
      .row(/^weight/)
      .last()
      .click();
    await app.openTab('Info');
    await page.getByRole('button', { name: 'Set the role of features.0.weight' }).click();
    const role = page.getByRole('dialog', { name: 'Role' });
    await role.getByRole('textbox').fill("P('data', None)");
    expect(await app.violations()).toEqual([]);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('tabpanel')).toContainText("parameter (P('data', None)) (set by you)");
    await expect(app.edits).toHaveText('Edits 1');

    await page.keyboard.press('Control+s');
    await expect(dialog(app).getByRole('listitem')).toHaveText([
      /^digits-final\.safetensors.*unchanged/,
      /^digits-final\.safetensors\.stateglass\.json · roles/,
    ]);
    const saved = page.waitForEvent('download');
    await dialog(app).getByRole('button', { name: 'Download' }).click();
    const file = await saved;
    expect(file.suggestedFilename()).toBe('digits-final.safetensors.stateglass.json');
    const sidecar = join(folder, file.suggestedFilename());
    const model = join(folder, 'digits-final.safetensors');
    await writeFile(sidecar, await readFile(await file.path()));
    await writeFile(model, readFileSync(example('digits-final.safetensors')));

    const second = await page.context().newPage();
    const again = new Stateglass(second);
    await again.start();
    await again.dropAndSee(model, sidecar);
    await again.filter('features.0.weight');
    await expect(second.getByText(/^\d+ of \d+$/)).toBeVisible();
    await second.waitForTimeout(300);
    await again
      .row(/^weight/)
      .last()
      .click();
    await again.openTab('Info');
    await expect(second.getByRole('tabpanel')).toContainText("parameter (P('data', None)) (a file beside it says so)");
    await expect(again.edits).toHaveText('Edits 0');
  });
});
