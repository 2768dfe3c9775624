import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { llama7b, writeSafetensors, writeTorchZip } from '../tools/bench/sparse.ts';
import { EXAMPLES, example, fixture, withFolder } from './fixtures.ts';
import { expect, test } from './page.ts';

const { examples } = JSON.parse(readFileSync(join(EXAMPLES, 'examples.json'), 'utf8')) as {
  examples: { title: string; files: { name: string }[] }[];
};

for (const { title, files } of examples) {
  test(`opens the example "${title}" at a click`, async ({ app, page }) => {
    await app.start();
    await page
      .getByRole('region', { name: 'Examples' })
      .getByRole('button', { name: new RegExp(`^${title} [A-Z].*${files[0]?.name}`) })
      .click();
    await expect(app.tree).toBeVisible();
    await expect(app.documentRow).toContainText(files[0]?.name ?? '');
    await expect(app.notices).toHaveCount(0);
  });
}

test('a dropped checkpoint shows its modules, shapes, types and totals', async ({ app }) => {
  await app.start();
  await app.drop(example('digits-final.pt'));
  await expect(app.row(/^features Sequential/)).toBeVisible();
  await expect(app.row(/weight f32 32×1×3×3/)).toBeVisible();
  await expect(app.row(/num_batches_tracked buffer i64 scalar/).first()).toBeVisible();
  await expect(app.page.getByText('118,572')).toBeVisible();
});

test('four shards dropped at once are one model, with and without their index', async ({ app }) => {
  const shards = [1, 2, 3, 4].map((n) => fixture(`safetensors/sharded/model-0000${n}-of-00004.safetensors`));
  await app.start();
  await app.drop(...shards);
  await expect(app.tree).toBeVisible();
  await expect(app.notices).toHaveCount(0);
  const totals = await app.documentRow.textContent();
  await app.start();
  await app.drop(...shards, fixture('safetensors/sharded/model.safetensors.index.json'));
  await expect(app.documentRow).toHaveText(totals ?? '');
});

test('an index without its shards shows the names and says what is missing', async ({ app, page }) => {
  await app.start();
  await app.drop(
    fixture('safetensors/sharded/model.safetensors.index.json'),
    fixture('safetensors/sharded/model-00001-of-00004.safetensors'),
  );
  await expect(app.tree).toBeVisible();
  await app.openTab('Health');
  await expect(page.getByText(/model-00003-of-00004\.safetensors/).first()).toBeVisible();
});

test('two files are two documents', async ({ app, page }) => {
  await app.start();
  await app.drop(example('digits-epoch1.safetensors'), example('digits-final.safetensors'));
  await expect(app.documentRow).toContainText('digits-epoch1');
  await page
    .getByRole('banner')
    .getByRole('button', { name: /digits-epoch1/ })
    .click();
  await page.getByRole('menuitem', { name: /digits-final/ }).click();
  await expect(app.documentRow).toContainText('digits-final');
});

test('a folder is walked; settings beside the model accompany it', async ({ app, page }) => {
  await withFolder(async (folder) => {
    const model = join(folder, 'my-model');
    await mkdir(join(model, '.git'), { recursive: true });
    await copyFile(example('char-gpt.safetensors'), join(model, 'model.safetensors'));
    await writeFile(
      join(model, 'config.json'),
      '{"model_type":"gpt2","n_layer":4,"architectures":["GPT2LMHeadModel"]}',
    );
    await writeFile(join(model, 'README.md'), '# A model\n');
    await writeFile(join(model, '.git', 'HEAD'), 'ref: refs/heads/main\n');
    await app.start();
    await app.drop(model);
    await expect(app.row(/^h .*ModuleList/)).toBeVisible();
    await expect(app.notices).toHaveCount(0);
    await expect(page.getByRole('button', { name: /model\.safetensors/ }).first()).toBeVisible();
  });
});

test('a 13.5 GB safetensors of Llama 7B opens by its header', async ({ app }) => {
  await withFolder(async (folder) => {
    const path = join(folder, 'llama-7b.safetensors');
    const { size } = await writeSafetensors(path, llama7b());
    expect(size).toBeGreaterThan(13.4e9);
    await app.start();
    await app.drop(path);
    await expect(app.documentRow).toContainText('291 entries');
    await expect(app.documentRow).toContainText('6.74B');
    await expect(app.bytesRead).toHaveText(/(kB|1\.\d+ MB) read/);
  });
});

test('a 5 GB torch zip64 opens by its directory', async ({ app }) => {
  await withFolder(async (folder) => {
    const path = join(folder, 'five.pt');
    expect(await writeTorchZip(path, llama7b(5))).toBeGreaterThan(5e9);
    await app.start();
    await app.drop(path);
    await expect(app.documentRow).toContainText('48 entries');
    await expect(app.bytesRead).toHaveText(/kB read/);
  });
});

test('a truncated file opens as far as it goes and lists the damage', async ({ app, page }) => {
  await withFolder(async (folder) => {
    const path = join(folder, 'cut.safetensors');
    const whole = await readFile(example('digits-final.safetensors'));
    await writeFile(path, whole.subarray(0, whole.length - 100_000));
    await app.start();
    await app.drop(path);
    await expect(app.row(/^features/)).toBeVisible();
    await app.openTab('Health');
    await expect(page.getByText(/truncated|ends|past the end/i).first()).toBeVisible();
  });
});

test('a hostile pickle is listed and never run', async ({ app, page }) => {
  const marker = '/tmp/stateglass-was-executed';
  expect(existsSync(marker)).toBe(false);
  await app.start();
  await app.drop(fixture('hostile/os-system.pt'));
  await app.openTab('Pickle');
  await expect(page.getByText('posix', { exact: false }).first()).toBeVisible();
  await expect(page.getByText('system', { exact: false }).first()).toBeVisible();
  expect(existsSync(marker)).toBe(false);
});

const WRONG: readonly [path: string, says: RegExp][] = [
  ['hostile/lfs-pointer.safetensors', /Git LFS pointer/i],
  ['hostile/html-page/model.safetensors', /web page/i],
  ['hostile/empty.pt', /empty/i],
  ['hostile/companions/tokenizer.json', /tokenizer/i],
  ['hostile/companions/config.json', /config/i],
  ['hostile/picture.png', /PNG/i],
  ['hostile/random.bin', /first bytes/i],
  ['hostile/length-2-63.safetensors', /header/i],
];
for (const [path, says] of WRONG) {
  test(`${path} is named for what it is`, async ({ app }) => {
    await app.start();
    await app.drop(fixture(path));
    await expect(app.notices.first()).toContainText(says);
    await app.page
      .getByRole('button', { name: /dismiss/i })
      .first()
      .click();
    await expect(app.notices).toHaveCount(0);
  });
}

test('pasted text is a document', async ({ app, page }) => {
  await app.start();
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', '{"agent.instructions": "Answer in one line.", "agent.temperature": 0.2}');
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await expect(app.row(/^agent/)).toBeVisible();
  await app.row(/instructions/).click();
  await expect(page.getByText('Answer in one line.').first()).toBeVisible();
});
