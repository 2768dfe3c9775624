import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { openNodeHandle } from '../bytes/node.ts';
import type { Edit } from '../model/edit.ts';
import type { TensorValue } from '../model/state-dict.ts';
import { attachDonor } from './donors.ts';
import { describeState, FIXTURES, listAll, openFixture, reopen, saveAll } from './editing.fixture.ts';
import { applyEdit, type EditedDocument, moveCursor, readRecipe, writeRecipe } from './edits.ts';
import { findKey } from './find-key.ts';
import { hashDocument } from './hash.ts';
import { localPool } from './local-pool.ts';
import { checkSaved, planSave } from './save.ts';
import { readStoredBytes, readValues } from './values.ts';

const open = (path: string) => openFixture(FIXTURES.find((one) => one.path === path)!.fixture);
const tensor = (document: EditedDocument, key: string) => findKey(document, key).value as TensorValue;
const valuesOf = async (document: EditedDocument, key: string) =>
  (await readValues(document, findKey(document, key).id)).values;

async function hashesOf(document: EditedDocument): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for (const { id, key, value } of listAll(document.state)) {
    if (value.type !== 'tensor' || value.storage === undefined) continue;
    const { byteLength } = document.state.storages.get(value.storage)!;
    hashes.set(
      key,
      createHash('sha256')
        .update(await readStoredBytes(document, id, 0, byteLength))
        .digest('hex'),
    );
  }
  return hashes;
}

test.each([
  ['safetensors/tiny.safetensors', 'pytorch/tied.bin'],
  ['safetensors/tiny.safetensors', 'pytorch/views.pt'],
  ['safetensors/tiny.safetensors', 'pytorch/repacked-deflated.pt'],
  ['pytorch/tied.bin', 'safetensors/tiny.safetensors'],
  ['pytorch/tied.bin', 'pytorch/big-endian.pt'],
  ['pytorch/repacked-deflated.pt', 'safetensors/sharded/model.safetensors.index.json'],
] as const)('%s with a tensor of %s', async (path, donorPath) => {
  const [plain, donor] = [await open(path), await open(donorPath)];
  const document = attachDonor(plain, 'donor', donor);
  const before = describeState(document.state);
  const [target] = listAll(document.state).filter(({ value }) => value.type === 'tensor');
  const givers = listAll(donor.state).filter(
    ({ value }) => value.type === 'tensor' && value.storage !== undefined && !value.conjugate && !value.negative,
  );
  for (const { key: from } of givers.slice(0, 6)) {
    let edited = applyEdit(document, { op: 'take', args: { key: target!.key, donor: 'donor', from } });
    edited = applyEdit(edited, { op: 'take', args: { key: 'added_by_take', donor: 'donor', from } });
    const again = await reopen(await saveAll(edited));
    checkSaved(edited, again);
    const wanted = await valuesOf(donor, from);
    for (const key of [target!.key, 'added_by_take']) {
      expect(await valuesOf(edited, key)).toEqual(wanted);
      expect(await valuesOf(again, key)).toEqual(wanted);
    }
    // All else is what it was, byte for byte.
    const [was, is] = [await hashesOf(plain), await hashesOf(again)];
    const { aliases = [], owner = target!.id } =
      plain.state.shares.find((group) => [group.owner, ...group.aliases].includes(target!.id)) ?? {};
    const followed = new Set([owner, ...aliases].map((row) => plain.state.entries.at(row).key));
    for (const [key, hash] of was) if (!followed.has(key)) expect(is.get(key), key).toBe(hash);
    expect(describeState(moveCursor(edited, 0).state)).toBe(before);
  }
});

test('what a donor gives is counted, shown and hashed like the donor’s own', async () => {
  const donor = await open('pytorch/tied.bin');
  const document = attachDonor(await open('safetensors/tiny.safetensors'), 'donor', donor);
  const edited = applyEdit(document, { op: 'take-all', args: { donor: 'donor' } });
  const pool = localPool(openNodeHandle);
  const [given, taken] = [await hashDocument(donor, pool), await hashDocument(edited, pool)];
  for (const { key, id } of listAll(donor.state)) {
    const row = findKey(edited, key).id;
    expect(taken.entries[row]).toEqual({ ...given.entries[id], id: row });
  }
});

test('ties of a donor are ties here, and an edited donor gives what its edits made', async () => {
  const giver = applyEdit(await open('pytorch/tied.bin'), {
    op: 'fill',
    args: { key: 'wte.weight', with: { constant: 7 } },
  });
  const document = attachDonor(await open('pytorch/tiny.pt'), 'giver', giver);
  const count = document.state.entries.length;
  const edited = applyEdit(document, { op: 'take-all', args: { donor: 'giver', from: '', to: 'lm' } });
  expect(edited.log.edits[0]!.title).toMatch(/^Take 6 entries from giver \(all\) as lm: 6 new$/);
  expect(edited.state.entries.length).toBe(count + 6);
  expect(tensor(edited, 'lm.wte.weight').storage).toBe(tensor(edited, 'lm.lm_head.weight').storage);
  const rows = ['lm.wte.weight', 'lm.lm_head.weight'].map((key) => findKey(edited, key).id);
  expect(edited.state.shares).toContainEqual({ kind: 'same-storage', owner: rows[0], aliases: [rows[1]] });
  const again = await reopen(await saveAll(edited));
  expect(new Set([...(await valuesOf(again, 'lm.lm_head.weight'))])).toEqual(new Set([7]));
  expect(tensor(again, 'lm.wte.weight').storage).toBe(tensor(again, 'lm.lm_head.weight').storage);
});

test('what is tied to a tensor that is replaced follows it, unless it is taken too', async () => {
  const document = attachDonor(await open('pytorch/tied.bin'), 'giver', await open('pytorch/tied.bin'));
  const one = applyEdit(document, { op: 'take', args: { key: 'wte.weight', donor: 'giver' } });
  expect(tensor(one, 'lm_head.weight').storage).toBe(tensor(one, 'wte.weight').storage);
  const apart = applyEdit(document, { op: 'take', args: { key: 'wte.weight', donor: 'giver', untie: true } });
  expect(tensor(apart, 'lm_head.weight').storage).toBe(tensor(document, 'lm_head.weight').storage);
  const other = applyEdit(await open('pytorch/tied.bin'), {
    op: 'affine',
    args: { keys: ['lm_head.weight'], scale: 2, shift: 0, untie: true },
  });
  const both = applyEdit(attachDonor(await open('pytorch/tied.bin'), 'other', other), {
    op: 'take-all',
    args: { donor: 'other', keys: ['lm_head.weight', 'wte.weight'] },
  });
  expect(await valuesOf(both, 'lm_head.weight')).toEqual(await valuesOf(other, 'lm_head.weight'));
  expect(await valuesOf(both, 'wte.weight')).toEqual(await valuesOf(document, 'wte.weight'));
  expect(both.state.shares.flatMap(({ owner, aliases }) => [owner, ...aliases])).not.toContain(
    findKey(both, 'wte.weight').id,
  );
});

test('bytes that a donor has as they are to be written are copied, and count as new', async () => {
  const donor = await open('safetensors/tiny.safetensors');
  const document = attachDonor(await open('safetensors/lora.safetensors'), 'donor', donor);
  const from = listAll(donor.state).find(({ value }) => value.type === 'tensor')!;
  const edited = applyEdit(document, { op: 'take', args: { key: 'added', donor: 'donor', from: from.key } });
  const { files } = await planSave(edited);
  const copied = [...files[0]!.parts()].filter((part) => part.kind === 'copy' && part.file !== files[0]!.file);
  const { byteLength } = donor.state.storages.get((from.value as TensorValue).storage!)!;
  expect(copied).toMatchObject([{ length: byteLength }]);
  expect(files).toMatchObject([{ isCopy: false }]);
  const header = [...files[0]!.parts()].find(({ kind }) => kind === 'bytes') as { bytes: Uint8Array };
  expect(files[0]!.newBytes).toBe(header.bytes.length + byteLength);
});

test('texts are taken too, in a module of another name', async () => {
  const document = attachDonor(await open('text/agent-before.json'), 'after', await open('text/agent-after.toml'));
  const edited = applyEdit(document, { op: 'take-all', args: { donor: 'after', from: 'triage', to: 'second.triage' } });
  const again = await reopen(await saveAll(edited));
  checkSaved(edited, again);
  const text = (one: EditedDocument, key: string) => (findKey(one, key).value as { text: string }).text;
  const donor = await open('text/agent-after.toml');
  expect(text(again, 'second.triage.instructions')).toBe(text(donor, 'triage.instructions'));
  // What the format has no way to hold, saving says.
  const nulls = attachDonor(await open('text/agent-before.toml'), 'json', await open('text/agent-after.json'));
  const taken = applyEdit(nulls, { op: 'take', args: { key: 'fallback', donor: 'json' } });
  await expect(saveAll(taken)).rejects.toThrow(/TOML has no null/);
});

test('a recipe names whom it takes from; without it nothing is done', async () => {
  const donor = await open('pytorch/tied.bin');
  const document = await open('safetensors/tiny.safetensors');
  const edited = applyEdit(attachDonor(document, 'b.bin', donor), {
    op: 'take',
    args: { key: 'new', donor: 'b.bin', from: 'wte.weight' },
  });
  const text = writeRecipe(edited);
  expect(JSON.parse(text)).toMatchObject({ donors: ['b.bin'] });
  const [edit] = readRecipe(text);
  expect(() => applyEdit(document, edit!)).toThrow(/b\.bin: the edit takes values from a document of this name/);
  expect(describeState(applyEdit(attachDonor(document, 'b.bin', donor), edit!).state)).toBe(
    describeState(edited.state),
  );
});

test('a name stands for one donor', async () => {
  const [a, b] = [await open('pytorch/tied.bin'), await open('pytorch/tiny.pt')];
  const attached = attachDonor(await open('safetensors/tiny.safetensors'), 'x', a);
  expect(attachDonor(attached, 'x', a)).toBe(attached);
  expect(attachDonor(attached, 'x', b).donors.get('x')?.given).toBe(b.state);
  const document = applyEdit(attached, { op: 'take', args: { key: 'first', donor: 'x', from: 'wte.weight' } });
  expect(() => attachDonor(document, 'x', b)).toThrow(/another document is called x/);
  const attempts: [Edit, RegExp][] = [
    [
      { op: 'take', args: { key: 'new', donor: 'x', from: 'wte.weigth' } },
      /no such key in x.*did you mean wte\.weight/,
    ],
    [{ op: 'take-all', args: { donor: 'x', from: 'nowhere' } }, /none of its entries is meant/],
    [
      { op: 'take-all', args: { donor: 'x', from: 'wte', to: '', keys: ['wte.weight'], query: 'wte' } },
      /either keys or/,
    ],
  ];
  for (const [edit, words] of attempts) expect(() => applyEdit(document, edit)).toThrow(words);
});
