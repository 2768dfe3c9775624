import { readFileSync } from 'node:fs';
import { fixture } from './fixtures.ts';
import { expect, type Stateglass, test } from './page.ts';

interface Golden {
  readonly of: string;
  readonly entries: readonly { readonly key: string; readonly stats: Readonly<Record<string, number>> }[];
}

async function showStatistics(app: Stateglass, row: RegExp): Promise<void> {
  await app.row(row).first().click();
  await app.page.getByRole('tab', { name: 'Statistics' }).click();
}

test('statistics of a tensor are those of NumPy', async ({ app, page }) => {
  const golden: Golden = JSON.parse(readFileSync(fixture('stats/numbers.safetensors.json'), 'utf8'));
  const wanted = golden.entries.find(({ key }) => key === 'special.f32')?.stats ?? {};
  await app.start();
  await app.dropAndSee(fixture('stats/numbers.safetensors'));
  await app.filter('special.f32');
  await showStatistics(app, /f32/);
  const panel = page.getByRole('tabpanel');
  const fact = (name: string) =>
    panel.locator('dl > div', { has: page.getByText(name, { exact: true }) }).locator('dd');
  await expect(fact('Elements')).not.toHaveText('–');
  const shown = async (name: string) => Number((await fact(name).textContent())?.split(' ')[0]?.replaceAll(',', ''));
  for (const [name, field] of [
    ['Elements', 'count'],
    ['NaN', 'nan'],
    ['+∞', 'posinf'],
    ['−∞', 'neginf'],
    ['Zeros', 'zeros'],
  ] as const)
    expect(await shown(name), name).toBe(wanted[field]);
  expect(await shown('Mean')).toBeCloseTo(Number(wanted.mean), 4);
  expect(await shown('L2 norm')).toBeCloseTo(Number(wanted.l2), 2);
});
