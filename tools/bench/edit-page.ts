/** Editing as a person does it in Chromium: ten thousand names by a rule, and one value of a big file saved elsewhere. */
import { open } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { dropAndWait, memoryGrowth, openApp } from './browser.ts';

export interface PageRename {
  /** Milliseconds from the click to the frame after the one that shows the new names. */
  readonly ms: number;
  /** As the dialog says: `Rename 9999`. */
  readonly label: string;
}

/** Renames by `pattern` (one that the root's second module matches) and waits for a row that is called `shown`. */
export async function renameInPage(
  path: string,
  { pattern, to, shown }: { readonly pattern: string; readonly to: string; readonly shown: string },
): Promise<PageRename> {
  const { page, close } = await openApp();
  try {
    await dropAndWait(page, [path]);
    const tree = page.getByRole('treegrid');
    await tree
      .getByRole('row', { name: /^weight/ })
      .first()
      .click();
    await page.keyboard.press('F2');
    await page.getByText('All, by a rule').click();
    await page.getByRole('textbox', { name: 'Regular expression' }).fill(pattern);
    await page.getByRole('textbox', { name: /^Becomes/ }).fill(to);
    const button = page.getByRole('dialog').getByRole('button', { name: /^Rename [\d,]+/ });
    await button.waitFor();
    const label = await button.innerText();
    await page.evaluate((name) => {
      const { promise, resolve } = Promise.withResolvers<number>();
      Object.assign(window, { redrawn: promise });
      const began = (event: Event) => {
        if (!/^Rename/.test((event.target as Element).textContent ?? '')) return;
        window.removeEventListener('click', began, true);
        const started = performance.now();
        const look = () => {
          const rows = document.querySelectorAll('[role="treegrid"] [role="row"][aria-level]');
          const isThere = [...rows].some((row) => row.textContent?.startsWith(name));
          requestAnimationFrame(isThere ? () => resolve(performance.now() - started) : look);
        };
        requestAnimationFrame(look);
      };
      window.addEventListener('click', began, true);
    }, shown);
    await button.click();
    return { ms: await page.evaluate(() => (window as unknown as { redrawn: Promise<number> }).redrawn), label };
  } finally {
    await close();
  }
}

export interface PageSave {
  readonly seconds: number;
  /** Bytes of memory of all the browser's processes over what they had before the value was typed. */
  readonly growth: number;
  /** What was written, by the browser's own count, and the two bytes of the value. */
  readonly size: number;
  readonly value: readonly number[];
}

/** Types 1.5 into the first cell of a tensor and saves to a file of the page's own storage, where a picker would say. `at`: its offset. */
export async function saveInPage(path: string, key: string, at: number): Promise<PageSave> {
  const { page, close } = await openApp();
  try {
    await dropAndWait(page, [path]);
    await page.getByRole('searchbox', { name: /filter/i }).fill(key);
    await page.getByText(/^1 of [\d,]+$/).waitFor();
    await page
      .getByRole('treegrid')
      .getByRole('row', { name: /^weight/ })
      .last()
      .click();
    await page
      .getByRole('grid', { name: /^Values of/ })
      .getByRole('gridcell')
      .first()
      .waitFor();
    await offerPlace(page);
    const { growth, result } = await memoryGrowth(async () => {
      await page
        .getByRole('grid', { name: /^Values of/ })
        .getByRole('gridcell')
        .first()
        .click();
      await page.getByRole('textbox', { name: 'Value' }).waitFor();
      await page.keyboard.type('1.5');
      await page.keyboard.press('Enter');
      const edits = page.getByRole('contentinfo').getByRole('button', { name: /^Edits/ });
      await edits.filter({ hasText: 'Edits 1' }).waitFor();
      const began = performance.now();
      await page.keyboard.press('Control+s');
      await page.getByRole('dialog').getByRole('button', { name: 'Save as…' }).click();
      await edits.filter({ hasText: 'Edits 0' }).waitFor({ timeout: 600_000 });
      return (performance.now() - began) / 1000;
    });
    return { seconds: result, growth, ...(await page.evaluate(readSaved, at)) };
  } finally {
    await close();
  }
}

const offerPlace = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const handle = await root.getFileHandle('edited.safetensors', { create: true });
    Object.assign(window, { showSaveFilePicker: async () => handle });
  });

/** Runs in the page. */
async function readSaved(at: number): Promise<{ size: number; value: number[] }> {
  const root = await navigator.storage.getDirectory();
  const file = await (await root.getFileHandle('edited.safetensors')).getFile();
  return { size: file.size, value: [...new Uint8Array(await file.slice(at, at + 2).arrayBuffer())] };
}

/** Where a tensor of a safetensors file begins. */
export async function offsetIn(path: string, key: string): Promise<number> {
  const file = await open(path);
  const head = Buffer.alloc(8);
  await file.read(head, 0, 8, 0);
  const length = Number(head.readBigUInt64LE());
  const json = Buffer.alloc(length);
  await file.read(json, 0, length, 8);
  await file.close();
  return 8 + length + JSON.parse(json.toString('utf8'))[key].data_offsets[0];
}
