import { expect, test } from 'vitest';
import { attachDonor } from './donors.ts';
import { FIXTURES, openFixture } from './editing.fixture.ts';
import { previewTake } from './preview-take.ts';

const open = (path: string) => openFixture(FIXTURES.find((one) => one.path === path)!.fixture);

test('says what an entry becomes, and who is tied to it', async () => {
  const document = attachDonor(await open('pytorch/tied.bin'), 'b', await open('safetensors/tiny.safetensors'));
  const { state } = document;
  const [from] = [...Array(document.donors.get('b')!.state.entries.length).keys()]
    .map((row) => document.donors.get('b')!.state.entries.at(row))
    .filter(({ value }) => value.type === 'tensor');
  const preview = previewTake(document, { op: 'take', args: { key: 'wte.weight', donor: 'b', from: from!.key } });
  if (from!.value.type !== 'tensor') throw new Error('no tensor');
  expect(preview).toMatchObject({ replaced: 1, added: 0, tied: ['lm_head.weight'] });
  expect(preview.title).toContain('Take wte.weight from b');
  expect(preview.after).toMatchObject({ dtypes: [from!.value.dtype], shape: from!.value.shape });
  expect(preview.before.dtypes).toEqual(['f32']);
  expect(document.state).toBe(state);
});

test('counts what is new and what is there of a module, texts among it', async () => {
  const donor = await open('text/agent-after.toml');
  const document = attachDonor(await open('text/agent-before.json'), 'b', donor);
  const count = Array.from({ length: donor.state.entries.length }, (_, row) => donor.state.entries.at(row).key).filter(
    (key) => key.startsWith('triage.'),
  ).length;
  const there = previewTake(document, { op: 'take-all', args: { donor: 'b', from: 'triage' } });
  expect([there.replaced + there.added, there.before.dtypes]).toEqual([count, []]);
  const fresh = previewTake(document, { op: 'take-all', args: { donor: 'b', from: 'triage', to: 'second' } });
  expect([fresh.replaced, fresh.added]).toEqual([0, count]);
  expect(() => previewTake(document, { op: 'take-all', args: { donor: 'b', from: 'nobody' } })).toThrow(/none of its/);
});
