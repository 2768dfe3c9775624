import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test as base, expect, type Locator, type Page } from '@playwright/test';

const require = createRequire(import.meta.url);

/** What a person does with the app, by what they see: roles and names, never classes. */
export class Stateglass {
  /** Requests to anything but the app's own address. Nothing may ever be in here unless a test opens a URL. */
  readonly strangers: string[] = [];
  /** Errors the page logged. */
  readonly errors: string[] = [];

  readonly page: Page;
  constructor(page: Page) {
    this.page = page;
    page.on('request', (request) => {
      if (!/^(http:\/\/127\.0\.0\.1:\d+\/|data:|blob:)/.test(request.url())) this.strangers.push(request.url());
    });
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
    page.on('pageerror', (error) => this.errors.push(error.message));
  }

  async start(hash = ''): Promise<void> {
    await this.page.goto(`./${hash}`);
    await expect(this.page.getByRole('button', { name: 'Open files' })).toBeVisible();
  }

  /** A real drop: the browser itself reads the paths, as when a person drags from a file manager. */
  async drop(...paths: string[]): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const box = this.page.viewportSize() ?? { width: 1280, height: 800 };
    const data = { items: [], files: paths, dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type, x: box.width / 2, y: box.height / 2, data });
    }
    await session.detach();
  }

  get tree(): Locator {
    return this.page.getByRole('treegrid');
  }

  row(name: string | RegExp): Locator {
    return this.tree.getByRole('row', { name });
  }

  /** The row the keyboard is on. */
  get selected(): Locator {
    return this.tree.getByRole('row', { selected: true });
  }

  /** Cards of what could not be opened. */
  get notices(): Locator {
    return this.page.getByRole('alert').getByRole('article');
  }

  /** The document above its modules, with its totals. */
  get documentRow(): Locator {
    return this.page.getByRole('region', { name: 'Explorer' }).locator('button[aria-pressed]').first();
  }

  /** What was read of the document so far, in the status bar. */
  get bytesRead(): Locator {
    return this.page.getByTitle(/^Bytes read/);
  }

  async dropAndSee(...paths: string[]): Promise<void> {
    await this.drop(...paths);
    await expect(this.tree).toBeVisible();
  }

  /** The count of edits in the status bar. */
  get edits(): Locator {
    return this.page.getByRole('contentinfo').getByRole('button', { name: /^Edits/ });
  }

  /** Saves with the keyboard and gives the bytes of the file that the browser was handed. */
  async saveByDownload(): Promise<Buffer> {
    await this.page.keyboard.press('Control+s');
    const button = this.page.getByRole('dialog', { name: /^Save/ }).getByRole('button', { name: 'Download' });
    await expect(button).toBeEnabled();
    const download = this.page.waitForEvent('download');
    await button.click();
    return readFile(await (await download).path());
  }

  async filter(text: string): Promise<void> {
    await this.page.getByRole('searchbox', { name: /filter/i }).fill(text);
  }

  async openTab(name: string): Promise<void> {
    await this.page.getByRole('tab', { name, exact: false }).click();
  }

  /** axe's findings, as short lines. What is gone a moment later was a colour on its way, or a result that is being replaced. */
  async violations(): Promise<string[]> {
    await settle(this.page);
    const found = await this.askAxe();
    if (found.length === 0) return found;
    await this.page.waitForTimeout(1000);
    await settle(this.page);
    return this.askAxe();
  }

  private async askAxe(): Promise<string[]> {
    const isThere = await this.page.evaluate(() => 'axe' in window);
    if (!isThere) await this.page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
    return this.page.evaluate(async () => {
      const { axe } = window as unknown as {
        axe: {
          run(): Promise<{ violations: { id: string; nodes: { target: string[]; failureSummary?: string }[] }[] }>;
        };
      };
      const { violations } = await axe.run();
      return violations.flatMap((v) =>
        v.nodes.map((node) => `${v.id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`),
      );
    });
  }
}

/** Colours that are on their way are those of neither state. */
export const settle = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
    const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });

/** Of a comparison of texts, where a line that went may stand in both panes until these have settled. */
export const lineOf = (within: Page | Locator, text: string): Locator =>
  within.getByText(text).filter({ visible: true }).first();

/** Every test ends with: nothing left the page, and the page logged no error. */
export const test = base.extend<{ app: Stateglass }>({
  app: async ({ page }, use) => {
    const app = new Stateglass(page);
    await use(app);
    expect(app.strangers).toEqual([]);
    expect(app.errors).toEqual([]);
  },
});
export { expect };
