import { readFileSync } from 'node:fs';
import { example, fixture } from './fixtures.ts';
import { Hub } from './hub.ts';
import { expect, test as plain, type Stateglass } from './page.ts';

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
  expect(app.page.url()).toContain('url=hf://org/tiny');
});
