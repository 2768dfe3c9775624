import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { llama7b, writeSafetensors } from '../tools/bench/sparse.ts';
import { example, fixture, withFolder } from './fixtures.ts';
import { Hub } from './hub.ts';
import { expect, test as plain, Stateglass } from './page.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const sharded = (name: string) => readFileSync(fixture(`safetensors/sharded/${name}`));

const test = plain.extend<{ hub: Hub }>({
  hub: async ({ page: _ }, use) => {
    const hub = await Hub.start();
    const shards = [1, 2, 3, 4].map((i) => `model-0000${i}-of-00004.safetensors`);
    const files = Object.fromEntries(
      ['model.safetensors.index.json', ...shards].map((name) => [name, sharded(name)] as const),
    );
    const config = Buffer.from('{"model_type": "gpt2"}');
    hub.repos['org/tiny'] = {
      commit: COMMIT,
      revisions: ['refs/pr/1'],
      files: {
        ...files,
        'config.json': config,
        'README.md': Buffer.from('# tiny'),
        'pytorch_model.bin': readFileSync(fixture('pytorch/tied.bin')),
      },
    };
    hub.repos.gpt = { commit: COMMIT, files: { 'model.safetensors': readFileSync(example('char-gpt.safetensors')) } };
    hub.repos['org/gated'] = {
      commit: COMMIT,
      gatedBy: 'hf_right',
      files: { 'model.safetensors': files[shards[0]!]! },
    };
    await use(hub);
    await hub.stop();
  },
});

async function openDialog(app: Stateglass, hub: Hub): Promise<void> {
  await app.page.getByRole('button', { name: 'Open a URL or a Hugging Face repo' }).click();
  await app.page.getByText('More', { exact: true }).click();
  await app.page.getByRole('textbox', { name: 'Hub' }).fill(hub.base);
}

const field = (app: Stateglass) => app.page.getByRole('textbox', { name: 'Address or repo' });
const press = (app: Stateglass, name: string) => app.page.getByRole('button', { name, exact: true }).click();

/** Everything the page leaves behind: its address, its storages and its databases. */
function keptTexts(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const databases = await indexedDB.databases();
    const open = (name: string) =>
      new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => resolve(request.result);
      });
    const texts: string[] = [];
    for (const { name = '' } of databases) {
      const database = await open(name);
      for (const store of database.objectStoreNames)
        texts.push(
          await new Promise((resolve) => {
            const request = database.transaction(store).objectStore(store).getAll();
            request.onsuccess = () => resolve(JSON.stringify(request.result));
          }),
        );
    }
    return [location.href, JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), ...texts].join(
      '\n',
    );
  });
}

test('a sharded repo is opened by its id: listed first, at one commit, with its companions', async ({ app, hub }) => {
  await app.start();
  await openDialog(app, hub);
  await field(app).fill('org/tiny');
  expect(hub.tokens.hub).toEqual([]);
  await press(app, 'List files');
  const models = app.page.getByRole('list', { name: 'Models' });
  await expect(models.getByRole('checkbox')).toHaveCount(2);
  await expect(models.getByRole('checkbox').first()).toBeChecked();
  await expect(models.getByRole('checkbox').last()).not.toBeChecked();
  expect(hub.sent).toEqual([]);
  await press(app, 'Open');
  await expect(app.documentRow).toContainText('tiny');
  await app.openTab('Metadata');
  await expect(app.page.getByText('config.json')).toBeVisible();
  expect(new Set(hub.sent.map(({ path }) => path))).not.toContain('pytorch_model.bin');
  await expect(app.page).toHaveURL(/url=hf:\/\/org\/tiny&/);
});

test('a link to a repo at a revision asks first, and lands where it points', async ({ app, page, hub }) => {
  await page.addInitScript(
    (hubBase) => localStorage.setItem('stateglass.settings', JSON.stringify({ hubBase })),
    hub.base,
  );
  await page.goto('./#url=hf://org/tiny@refs%2Fpr%2F1&key=lm_head.weight');
  await expect(field(app)).toHaveValue('hf://org/tiny@refs%2Fpr%2F1');
  await expect(page.getByText(`Asks ${new URL(hub.base).host}`)).toBeVisible();
  expect(hub.tokens.hub).toEqual([]);
  await press(app, 'List files');
  await press(app, 'Open');
  await expect(app.selected).toHaveAccessibleName(/weight/);
  await expect(page).toHaveURL(/url=hf:\/\/org\/tiny(@|%40)refs%252Fpr%252F1/);
});

test('the address of a file in a repo means that file', async ({ app, hub }) => {
  await app.start();
  await openDialog(app, hub);
  await field(app).fill(`${hub.base}/org/tiny/blob/main/pytorch_model.bin`);
  await press(app, 'List files');
  const boxes = app.page.getByRole('list', { name: 'Models' }).getByRole('checkbox');
  await expect(boxes.first()).toHaveAccessibleName(/pytorch_model\.bin/);
  await press(app, 'Open');
  await expect(app.documentRow).toContainText('pytorch_model.bin');
  await expect(app.page).toHaveURL(/url=hf:\/\/org\/tiny\/pytorch_model\.bin/);
});

test('a gated repo says so, opens with a token, and the token stays in memory', async ({ page, hub }) => {
  const app = new Stateglass(page);
  await app.start();
  await openDialog(app, hub);
  await field(app).fill('org/gated');
  await press(app, 'List files');
  await expect(page.getByText(/This repo is gated/)).toBeVisible();
  await press(app, 'Open');
  await expect(app.notices.first()).toContainText('Accept the licence');
  await page.getByRole('button', { name: 'Dismiss' }).first().click();

  await page.getByRole('button', { name: 'Open a URL or a Hugging Face repo' }).click();
  await field(app).fill('org/gated');
  await page.getByLabel('Access token').fill('hf_right');
  await press(app, 'List files');
  await press(app, 'Open');
  await expect(app.tree).toBeVisible();
  expect(hub.tokens.hub).toContain('Bearer hf_right');
  expect(hub.tokens.store.filter(Boolean)).toEqual([]);
  await expect.poll(() => keptTexts(page)).toContain('org/gated');
  expect(await keptTexts(page)).not.toContain('hf_right');
});

test('what the hub refuses is explained where it was asked', async ({ page, hub }) => {
  const app = new Stateglass(page);
  await app.start();
  await openDialog(app, hub);
  for (const [address, words] of [
    ['org/nothing', 'no such repo, or keeps it private'],
    ['org/tiny@v9', 'no such revision'],
    ['datasets/org/x', 'a data set, not a model'],
  ] as const) {
    await field(app).fill(address);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog')).toContainText(words);
  }
});

test('a repo opened before is opened again at a click', async ({ app, page, hub }) => {
  await app.start();
  await openDialog(app, hub);
  await field(app).fill('org/tiny@refs/pr/1');
  await press(app, 'List files');
  await press(app, 'Open');
  await expect.poll(() => keptTexts(page)).toContain('org/tiny@');
  await page.goto('./#');
  await page.reload();
  await page
    .getByRole('region', { name: 'Recent' })
    .getByRole('button', { name: /^org\/tiny@/ })
    .click();
  await expect(app.documentRow).toContainText('tiny');
});

test.describe('two gigabytes on the store', () => {
  const TENSOR = 4096 * 4096 * 2;

  async function withLarge(app: Stateglass, hub: Hub, act: () => Promise<void>): Promise<void> {
    await withFolder(async (folder) => {
      const path = join(folder, 'model.safetensors');
      await writeSafetensors(path, llama7b(4));
      const { size } = await stat(path);
      expect(size).toBeGreaterThan(2e9);
      hub.repos['org/large'] = { commit: COMMIT, files: { 'model.safetensors': { path, size } } };
      await app.start();
      await openDialog(app, hub);
      await field(app).fill('org/large');
      await press(app, 'List files');
      await press(app, 'Open');
      await expect(app.tree).toBeVisible();
      await app.filter('layers.2.self_attn.q_proj');
      await app.row(/weight bf16 4096×4096/).click();
      await act();
    });
  }
  /** What is far away is read when a person asks for it. */
  async function computeStatistics(app: Stateglass): Promise<void> {
    await app.page.getByRole('tab', { name: 'Statistics' }).click();
    await app.page.getByRole('button', { name: 'Compute (33.6 MB to read)' }).click();
  }
  /** What was sent when the numbers and the heatmap of the first look are there. */
  async function quietBytes(app: Stateglass, hub: Hub): Promise<number> {
    for (let before = -1; before !== hub.bytes; ) {
      before = hub.bytes;
      await app.page.waitForTimeout(1000);
    }
    return hub.bytes;
  }
  const elements = (app: Stateglass) => app.page.getByRole('tabpanel').getByText('16,777,216').first();

  test('statistics of one tensor transfer its bytes and little more, and are counted', async ({ app, hub }) => {
    await withLarge(app, hub, async () => {
      const before = await quietBytes(app, hub);
      // What a cancelled read had sent already is on the wire and not in the page's count.
      const counted = async () => Number(await app.bytesRead.getAttribute('value'));
      const countedBefore = await counted();
      await computeStatistics(app);
      await expect(elements(app)).toBeVisible();
      await expect(app.page.getByRole('tabpanel').getByRole('progressbar')).toHaveCount(0);
      expect(hub.bytes - before).toBeGreaterThanOrEqual(TENSOR);
      expect(hub.bytes - before).toBeLessThan(TENSOR * 1.02);
      await expect.poll(counted, { timeout: 5000 }).toBeGreaterThanOrEqual(countedBefore + TENSOR);
      expect(await counted()).toBeLessThan(countedBefore + TENSOR * 1.02);
    });
  });

  test('a connection that drops in the middle is gone on with', async ({ page, hub }) => {
    const app = new Stateglass(page);
    await withLarge(app, hub, async () => {
      hub.mood.dropAfter = 3 * 2 ** 20;
      await computeStatistics(app);
      await expect(elements(app)).toBeVisible();
      expect(hub.mood.dropAfter).toBeUndefined();
      await expect(app.notices).toHaveCount(0);
    });
  });

  test('a slow server shows how far it is, and a cancel stops the traffic', async ({ app, page, hub }) => {
    await withLarge(app, hub, async () => {
      hub.mood.pause = 60;
      const before = hub.bytes;
      await computeStatistics(app);
      await expect(page.getByRole('tabpanel').getByRole('progressbar')).toBeVisible();
      await page.getByRole('tabpanel').getByRole('button', { name: 'Cancel' }).click();
      await expect(page.getByText(/^Cancelled/)).toBeVisible();
      await expect.poll(() => hub.sent.every(({ ended }) => ended)).toBe(true);
      const stopped = hub.bytes;
      await page.waitForTimeout(500);
      expect(hub.bytes).toBe(stopped);
      expect(stopped - before).toBeLessThan(TENSOR);
    });
  });
});

test.describe('a store that does not play along', () => {
  async function openGpt(page: Page, hub: Hub, mood: Partial<Hub['mood']>): Promise<Stateglass> {
    const app = new Stateglass(page);
    Object.assign(hub.mood, mood);
    await app.start();
    await openDialog(app, hub);
    await field(app).fill('gpt');
    await press(app, 'List files');
    await press(app, 'Open');
    return app;
  }

  test('because it gives no ranges is explained', async ({ page, hub }) => {
    const app = await openGpt(page, hub, { withoutRange: true });
    await expect(app.notices.first()).toContainText('it gives no ranges');
    await expect(app.notices.first()).toContainText('Download the file and open it from disk');
  });

  test('because it lets no other site read is explained', async ({ page, hub }) => {
    const app = await openGpt(page, hub, { withoutCors: true });
    await expect(app.notices.first()).toContainText('does not let other sites read its files (CORS)');
    await expect(app.notices.first()).toContainText('download the file and open it from disk');
  });
});
