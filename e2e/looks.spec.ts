import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Page } from '@playwright/test';
import { example, fixture } from './fixtures.ts';
import { Hub } from './hub.ts';
import { expect, type Stateglass, settle, test } from './page.ts';

/** Pictures for people to look at, made when STATEGLASS_PICTURES is set; the README's own is one of them, so that it is never older than the app. */
const PICTURES = join(import.meta.dirname, '../test-results/pictures');
const README = join(import.meta.dirname, '../docs/stateglass.png');

async function shoot(page: Page, name: string): Promise<void> {
  if (!process.env.STATEGLASS_PICTURES) return;
  await mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

interface Scene {
  readonly name: string;
  /** What it shows lies over the page: one look is enough. */
  readonly over?: true;
  show(app: Stateglass): Promise<void>;
}

const SCENES: readonly Scene[] = [
  { name: 'start', show: async () => undefined },
  { name: 'overview', show: async (app) => app.dropAndSee(example('digits-final.pt')) },
  {
    name: 'tensor',
    show: async (app) => {
      await app.dropAndSee(example('digits-final.pt'));
      await app.row(/weight f32 32×1×3×3/).click();
    },
  },
  {
    name: 'values',
    show: async (app) => {
      await app.dropAndSee(example('char-gpt.safetensors'));
      await app.filter('wte');
      await app.row(/weight f16 73×128/).click();
      await app.page.getByRole('grid', { name: /^Values/ }).click({ position: { x: 200, y: 100 } });
      await expect(app.page.getByText('all 9,344 values')).toBeVisible();
    },
  },
  {
    name: 'values-tinted',
    over: true,
    show: async (app) => {
      await app.dropAndSee(fixture('slices/tensors.pt'));
      await app.filter('special');
      await app.row(/special/).click();
      await app.page.getByRole('button', { name: 'Colours' }).click();
      await app.page.getByRole('menuitemcheckbox', { name: 'Colour the numbers too' }).click();
      await app.page.keyboard.press('Escape');
      await expect(app.page.getByText('NaN or Inf')).toBeVisible();
    },
  },
  {
    name: 'values-conv',
    show: async (app) => {
      await app.dropAndSee(example('digits-final.pt'));
      await app.row(/weight f32 64×32×3×3/).click();
      await app.page.getByRole('radio', { name: 'Images' }).click();
    },
  },
  {
    name: 'values-hex',
    show: async (app) => {
      await app.dropAndSee(example('digits-final.pt'));
      await app.row(/weight f32 96×1024/).click();
      await app.page.getByRole('radio', { name: 'Hex' }).click();
      await app.page.getByRole('grid', { name: /^Bytes/ }).click({ position: { x: 200, y: 100 } });
    },
  },
  {
    name: 'run',
    show: async (app) => {
      await app.dropAndSee(example('digits-final.safetensors'));
      await app.openTab('Run');
      await app.page.getByRole('button', { name: 'Run', exact: true }).click();
      await expect(app.page.getByText(/^WASM, because /)).toBeVisible({ timeout: 45_000 });
    },
  },
  {
    name: 'text',
    show: async (app) => {
      await app.dropAndSee(example('support-desk-after.json'));
      await app.filter('instructions');
      await app
        .row(/instructions/)
        .first()
        .click();
      await expect(app.page.locator('.monaco-editor').first()).toBeVisible();
    },
  },
  {
    name: 'metadata',
    show: async (app) => {
      await app.dropAndSee(example('char-gpt.safetensors'));
      await app.openTab('Metadata');
    },
  },
  {
    name: 'health',
    show: async (app) => {
      await app.dropAndSee(fixture('health/damaged/sick/model.safetensors'));
      await app.openTab('Health');
      await app.page.getByRole('button', { name: /^Check values/ }).click();
      await expect(app.page.getByText('Values are checked too')).toBeVisible();
    },
  },
  {
    name: 'healthy',
    show: async (app) => {
      await app.dropAndSee(example('digits-final.safetensors'));
      await app.openTab('Health');
    },
  },
  {
    name: 'pickle',
    show: async (app) => {
      await app.dropAndSee(fixture('hostile/os-system.pt'));
      await app.openTab('Pickle');
    },
  },
  {
    name: 'table',
    show: async (app) => {
      await app.dropAndSee(example('digits-final.pt'));
      await app.page.getByRole('radio', { name: 'Table' }).click();
    },
  },
  {
    name: 'statistics',
    show: async (app) => {
      await app.dropAndSee(example('char-gpt.safetensors'));
      await app.filter('h.1.attn.c_attn.weight');
      await expect(app.page.getByText('1 of 52')).toBeVisible();
      await app
        .row(/weight f16/)
        .first()
        .click();
      await app.openTab('Statistics');
      await expect(app.page.getByText(/^4 blocks, .* in /)).toBeVisible();
    },
  },
  {
    name: 'scan',
    show: async (app) => {
      await app.dropAndSee(example('char-gpt.safetensors'));
      await app.openTab('Statistics');
      await app.page.getByRole('button', { name: /^Scan all values/ }).click();
      await expect(app.page.getByText(/^52 tensors, .* in /)).toBeVisible();
    },
  },
  {
    name: 'depth',
    show: async (app) => {
      await app.dropAndSee(example('char-gpt.safetensors'));
      await app.openTab('Statistics');
      await app.page.getByText('Over depth').click();
      await expect(app.page.getByText(/^4 blocks, .* in /)).toBeVisible();
    },
  },
  {
    name: 'failure',
    show: async (app) => {
      await app.drop(fixture('hostile/lfs-pointer.safetensors'));
      await expect(app.notices.first()).toBeVisible();
    },
  },
  {
    name: 'columns-menu',
    over: true,
    show: async (app) => {
      await app.dropAndSee(example('char-gpt.safetensors'));
      await app.page.getByRole('button', { name: 'Columns and rows' }).click();
      await expect(app.page.getByRole('menu')).toBeVisible();
    },
  },
  {
    name: 'switcher-menu',
    over: true,
    show: async (app) => {
      await app.dropAndSee(example('digits-epoch1.safetensors'), example('digits-final.safetensors'));
      await app.page
        .getByRole('banner')
        .getByRole('button', { name: /digits/ })
        .click();
      await expect(app.page.getByRole('menu')).toBeVisible();
    },
  },
  {
    name: 'palette',
    over: true,
    show: async (app) => {
      await app.dropAndSee(example('char-gpt.safetensors'));
      await app.page.keyboard.press('Control+k');
      await app.page.keyboard.type('att');
      await expect(app.page.getByRole('option').first()).toBeVisible();
    },
  },
  {
    name: 'url-dialog',
    over: true,
    show: async (app) => {
      await app.page.getByRole('button', { name: 'Open a URL' }).click();
      await expect(app.page.getByRole('dialog')).toBeVisible();
    },
  },
  {
    name: 'repo-choice',
    over: true,
    show: async (app) => {
      const hub = await Hub.start();
      app.page.once('close', () => void hub.stop());
      const shard = { path: fixture('safetensors/tiny.safetensors'), size: 4_900_000_000 };
      const files = { 'config.json': Buffer.from('{}'), 'pytorch_model.bin': shard, 'README.md': Buffer.from('') };
      for (const i of [1, 2, 3]) Object.assign(files, { [`model-0000${i}-of-00003.safetensors`]: shard });
      hub.repos['org/model-7b'] = { commit: 'a1b2c3d4'.repeat(5), gatedBy: 'token', files };
      await app.page.getByRole('button', { name: 'Open a URL' }).click();
      await app.page.getByText('More', { exact: true }).click();
      await app.page.getByRole('textbox', { name: 'Hub' }).fill(hub.base);
      await app.page.getByRole('textbox', { name: 'Address or repo' }).fill('org/model-7b');
      await app.page.keyboard.press('Enter');
      await expect(app.page.getByRole('list', { name: 'Models' })).toBeVisible();
    },
  },
  {
    name: 'paste-dialog',
    over: true,
    show: async (app) => {
      await app.page.getByRole('button', { name: 'Paste text' }).click();
      await expect(app.page.getByRole('dialog')).toBeVisible();
    },
  },
  {
    name: 'export-dialog',
    over: true,
    show: async (app) => {
      await app.dropAndSee(fixture('slices/tensors.pt'));
      await app.page.getByRole('button', { name: 'Export' }).click();
      await app.page.getByRole('checkbox').check();
      await expect(app.page.getByRole('radio', { name: /^\.npz/ })).toBeEnabled();
    },
  },
  {
    name: 'comparison',
    show: async (app) => {
      await showPair(app, example('digits-epoch1.safetensors'), example('digits-final.safetensors'));
      await expect(app.page.getByText('18 tensors: 18 changed.')).toBeVisible();
    },
  },
  {
    name: 'comparison-tensor',
    show: async (app) => {
      await showPair(app, example('digits-epoch1.safetensors'), example('digits-final.safetensors'));
      await app.row(/weight f32 10×96/).click();
      await expect(app.page.getByRole('slider', { name: 'Histogram of differences' })).toBeVisible();
    },
  },
  {
    name: 'comparison-text',
    show: async (app) => {
      await showPair(app, example('support-desk-before.toml'), example('support-desk-after.toml'));
      await app.filter('triage.instructions');
      await app.row(/^instructions/).click();
      await expect(app.page.locator('.monaco-diff-editor')).toBeVisible();
    },
  },
  {
    name: 'renames',
    show: async (app) => {
      await showPair(app, fixture('renames/hf.safetensors'), fixture('renames/ddp.safetensors'));
      await app.page.getByRole('tab', { name: 'Renames' }).click();
      await app.page.getByRole('textbox', { name: 'Regular expression' }).fill('^');
      await app.page.getByRole('textbox', { name: 'Becomes' }).fill('module.');
      await expect(app.page.getByRole('status').filter({ hasText: 'by rule' })).toBeVisible();
    },
  },
  {
    name: 'opened-together',
    show: async (app) => app.dropAndSee(example('digits-epoch1.safetensors'), example('digits-final.safetensors')),
  },
  {
    name: 'edits',
    show: showEdits,
  },
  {
    name: 'edit-diff',
    show: async (app) => {
      await app.dropAndSee(example('support-desk-before.toml'));
      await app.filter('system_message');
      await app
        .row(/system_message/)
        .last()
        .click();
      const editor = app.page.getByRole('textbox', { name: /^Text of/ });
      await editor.focus();
      await app.page.keyboard.press('Control+End');
      await app.page.keyboard.insertText(' Be brief.\n\nNever guess a price.');
      const edits = app.page.getByRole('contentinfo').getByRole('button', { name: /^Edits/ });
      await expect(edits).toHaveText('Edits 1');
      await edits.click();
      await app.page.getByRole('button', { name: /^What changed/ }).click();
      await expect(app.page.getByRole('tabpanel')).toContainText('Never guess');
    },
  },
  {
    name: 'save-dialog',
    over: true,
    show: async (app) => {
      await showEdits(app);
      await app.page.keyboard.press('Control+s');
      await expect(app.page.getByRole('dialog').getByRole('list', { name: 'Files' })).toBeVisible();
    },
  },
  {
    name: 'rename-dialog',
    over: true,
    show: async (app) => {
      await app.dropAndSee(example('digits-final.pt'));
      await app
        .row(/^weight/)
        .first()
        .click();
      await app.page.keyboard.press('F2');
      await app.page.getByText('All, by a rule').click();
      await app.page.getByRole('textbox', { name: 'Regular expression' }).fill('^features\\.');
      await app.page.getByRole('textbox', { name: /^Becomes/ }).fill('conv.');
      await expect(app.page.getByRole('status').filter({ hasText: 'would change' })).toBeVisible();
    },
  },
  {
    name: 'entry-menu',
    over: true,
    show: async (app) => {
      await app.dropAndSee(example('digits-final.pt'));
      await app
        .row(/^weight/)
        .first()
        .click();
      await app.page.getByRole('button', { name: 'Edit this entry' }).click();
    },
  },
  {
    name: 'filter-error',
    over: true,
    show: async (app) => {
      await app.dropAndSee(example('char-gpt.safetensors'));
      await app.filter('/(/');
      await expect(app.page.getByText(/regular expression/)).toBeVisible();
    },
  },
];

async function showPair(app: Stateglass, a: string, b: string): Promise<void> {
  await app.dropAndSee(a, b);
  await app.page.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(app.page.getByRole('tab', { name: 'Comparison' })).toBeVisible();
}

/** A few edits, one of them undone. */
async function showEdits(app: Stateglass): Promise<void> {
  await app.dropAndSee(example('digits-final.safetensors'));
  await app
    .row(/^weight/)
    .first()
    .click();
  for (const to of ['classifier.1.kernel', 'classifier.1.weights', 'classifier.1.w']) {
    await app.page.keyboard.press('F2');
    await app.page.getByRole('textbox', { name: 'New name' }).fill(to);
    await app.page.keyboard.press('Enter');
    await expect(app.page.getByRole('dialog')).toHaveCount(0);
  }
  await app.tree.focus();
  await app.page.keyboard.press('Control+z');
  await app.page
    .getByRole('contentinfo')
    .getByRole('button', { name: /^Edits/ })
    .click();
  await expect(app.page.getByRole('list', { name: /2 edits/ })).toBeVisible();
}

/** The page follows the system while it is open, so one scene serves for every look. */
async function turn(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme);
  await settle(page);
}

test.describe.configure({ mode: 'parallel' });

/** A step of its own: it takes minutes. */
const LOOKS = { tag: '@looks' };

for (const { name, over, show } of SCENES) {
  test(
    `${name}: axe finds nothing, light or dark${over ? '' : ', and it fits 360 pixels'}`,
    LOOKS,
    async ({ app, page }) => {
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
      await app.start();
      await show(app);
      for (const scheme of ['light', 'dark'] as const) {
        await turn(page, scheme);
        await shoot(page, `${name}-${scheme}`);
        expect.soft(await app.violations(), scheme).toEqual([]);
      }
      if (over) return;
      await turn(page, 'light');
      await page.setViewportSize({ width: 360, height: 740 });
      const isStart = name === 'start' || name === 'failure';
      // A narrow window shows the tree first; what is selected comes forward at a click.
      if (!isStart && name !== 'table') {
        const back = page.getByRole('button', { name: 'Entries', exact: true });
        await expect(app.tree.or(back)).toBeVisible();
        if (!(await back.isVisible()))
          await page.getByRole('button', { name: /\d (entries|pairs)/, pressed: true }).click();
        await expect(back).toBeVisible();
      }
      await settle(page);
      await shoot(page, `${name}-narrow`);
      const overflow = () =>
        page.evaluate(() => {
          const panel = document.querySelector('[role="tabpanel"]');
          const inside = panel ? panel.scrollWidth - panel.clientWidth : 0;
          return [document.documentElement.scrollWidth - window.innerWidth, inside];
        });
      await expect.poll(overflow).toEqual([0, 0]);
    },
  );
}

test('values fit 360 pixels', LOOKS, async ({ app, page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await app.start();
  await app.dropAndSee(example('digits-final.pt'));
  await app
    .row(/^weight/)
    .first()
    .click();
  for (const mode of ['Both', 'Images', 'Hex']) {
    await page.getByRole('radio', { name: mode }).click();
    await settle(page);
    await shoot(page, `values-${mode.toLowerCase()}-narrow`);
    const overflow = await page
      .getByRole('tabpanel')
      .evaluate((panel) => panel.scrollWidth - panel.clientWidth + document.documentElement.scrollWidth - innerWidth);
    expect(overflow, mode).toBeLessThanOrEqual(0);
  }
});

test('the picture of the README', LOOKS, async ({ app, page }) => {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await app.start();
  await app.dropAndSee(example('char-gpt.safetensors'));
  await app.filter('h.0');
  await app.row(/weight f16 128×384/).click();
  await page
    .getByRole('grid', { name: /^Values of/ })
    .getByRole('gridcell')
    .nth(20)
    .click();
  await page.waitForTimeout(400);
  await shoot(page, 'readme');
  if (process.env.STATEGLASS_PICTURES) {
    await mkdir(dirname(README), { recursive: true });
    await page.screenshot({ path: README });
  }
});
