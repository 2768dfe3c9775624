import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import { crc32 } from '../bytes/crc32.ts';
import { openZip } from '../bytes/zip.ts';
import { FIXTURES, listAll, openFixture, reopen, saveAll } from './editing.fixture.ts';
import { applyEdit, type EditedDocument } from './edits.ts';
import { checkSaved, planSave } from './save.ts';
import { readValues } from './values.ts';

const ROOT = `${import.meta.dirname}/../fixtures/numpy/`;
const open = (name: string) => openFixture(FIXTURES.find(({ path }) => path === `numpy/${name}`)!.fixture);
const apply = (document: EditedDocument, edits: readonly (readonly [string, object])[]) =>
  edits.reduce((edited, [op, args]) => applyEdit(edited, { op, args }), document);
const rowOf = ({ state }: EditedDocument, key: string) => listAll(state).findIndex((entry) => entry.key === key);

/** Packed bytes by name, all check sums looked at. */
async function membersOf(bytes: Uint8Array<ArrayBuffer>) {
  const zip = await openZip(bufferSource(bytes, 'a.npz'));
  expect(zip.problems).toEqual([]);
  const starts = await zip.locate(zip.members);
  const members = new Map<string, string>();
  for (const [i, member] of zip.members.entries()) {
    expect(crc32(await zip.read(member)), member.name).toBe(member.crc);
    expect(new DataView(bytes.buffer).getUint32(member.local + 14, true)).toBe(member.crc);
    const packed = bytes.subarray(starts[i]!, starts[i]! + member.packed);
    members.set(member.name, `${member.method} ${Buffer.from(packed).toString('hex')}`);
  }
  return members;
}

const bytesOf = (name: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(ROOT + name));

test.each(['dtypes.npz', 'records-deflated.npz', 'texts.npz', 'slashes.npz', 'mixed.npz'])(
  '%s: members that were not touched are copied as they are packed',
  async (name) => {
    const document = await open(name);
    const edited = apply(document, [['add-tensor', { key: 'added', dtype: 'f32', shape: [2, 3], with: 'ones' }]]);
    const [saved] = [...(await saveAll(edited)).values()];
    const [was, is] = [await membersOf(bytesOf(name)), await membersOf(saved!)];
    expect([...is.keys()]).toEqual([...was.keys(), 'added.npy']);
    for (const [member, packed] of was) expect(is.get(member), member).toBe(packed);
    const again = await reopen(await saveAll(edited));
    checkSaved(edited, again);
    expect([...(await readValues(again, rowOf(again, 'added'))).values]).toEqual([1, 1, 1, 1, 1, 1]);
  },
);

test('raw bytes that are bfloat16 stay what they were under new values', async () => {
  const edited = apply(await open('narrow.npz'), [
    ['set-elements', { key: 'layers.1.weight', slice: '2, 1', values: 1.5 }],
    ['rename', { key: 'norm', to: 'final.norm' }],
  ]);
  const files = await saveAll(edited);
  const members = await membersOf([...files.values()][0]!);
  expect(Buffer.from(members.get('layers.1.weight.npy')!.slice(2), 'hex').toString('latin1')).toContain("'<V2'");
  expect([...members.keys()]).toContain('final.norm.npy');
  const again = await reopen(files);
  checkSaved(edited, again);
  const row = rowOf(again, 'layers.1.weight');
  expect((await readValues(again, row)).values).toEqual((await readValues(edited, row)).values);
  expect((await readValues(again, row, '2, 1')).values[0]).toBe(1.5);
  const { losses } = await planSave(edited);
  expect(losses.map(({ code }) => code)).toEqual(['layout-changed']);
});

test('bfloat16 has no place where there was none', async () => {
  const edited = apply(await open('narrow.npz'), [['cast', { keys: ['norm'], dtype: 'bf16' }]]);
  await expect(planSave(edited)).rejects.toThrow(/norm: NumPy: no element type bf16; as f32 it keeps every value/);
});

test('fields go together or not at all', async () => {
  const document = await open('records.npz');
  const fields = listAll(document.state).flatMap(({ key }) => (key.startsWith('packed.') ? [key] : []));
  expect(fields.length).toBe(5);
  const without = apply(document, [['delete', { keys: fields }]]);
  const again = await reopen(await saveAll(without));
  checkSaved(without, again);
  expect(listAll(again.state).some(({ key }) => key.startsWith('packed'))).toBe(false);
  const renamed = apply(
    document,
    fields.map((key) => ['rename', { key, to: key.replace('packed', 'table.rows') }] as const),
  );
  checkSaved(renamed, await reopen(await saveAll(renamed)));
  await expect(planSave(apply(document, [['delete', { keys: ['packed.x'] }]]))).rejects.toThrow(
    /deleted together, or not at all/,
  );
  const changed = apply(document, [['fill', { key: 'packed.x', with: 'zeros' }]]);
  await expect(planSave(changed)).rejects.toThrow(/packed\.x: NumPy: a field .* is saved as it is/);
});

test('a text is written anew, with as many characters as it has', async () => {
  const edited = apply(await open('texts.npz'), [['set-value', { key: 'word', text: '𝄞 two words' }]]);
  const again = await reopen(await saveAll(edited));
  checkSaved(edited, again);
  expect(listAll(again.state)[rowOf(again, 'word')]?.value).toEqual({ type: 'text', text: '𝄞 two words' });
});

test('two arrays of one name are refused', async () => {
  const document = await open('mixed.npz');
  const edited = apply(document, [['rename', { key: 'note.txt', to: 'steps.npy' }]]);
  await expect(planSave(edited)).rejects.toThrow(/two arrays would have this name/);
});

test('one array: new values in the place of the old, its header as it was', async () => {
  const edited = apply(await open('fc.weight.npy'), [['set-elements', { key: 'fc.weight', slice: '0, 1', values: 7 }]]);
  const [saved] = [...(await saveAll(edited)).values()];
  const wanted = Buffer.from(bytesOf('fc.weight.npy'));
  wanted.writeFloatLE(7, 128 + 4);
  expect(Buffer.compare(saved!, wanted)).toBe(0);
  await expect(
    planSave(apply(await open('fc.weight.npy'), [['rename', { key: 'fc.weight', to: 'w' }]])),
  ).rejects.toThrow(/rename the file instead/);
  const turned = apply(await open('fortran.npy'), [['fill', { key: 'fortran', slice: '0, :', with: 'ones' }]]);
  const again = await reopen(await saveAll(turned));
  expect((await readValues(again, 0)).values).toEqual((await readValues(turned, 0)).values);
});

test('a name typed with dots is one with slashes where the file has those', async () => {
  const edited = apply(await open('slashes.npz'), [
    ['rename', { key: 'target.decoder.layers_0.mlp.wi.0.kernel', to: 'target.decoder.layers_0.mlp.wi.0.weight' }],
    ['rename', { key: 'params.Dense_0.bias', to: 'head/bias' }],
  ]);
  const keys = listAll(edited.state).map(({ key }) => key);
  expect(keys).toContain('target/decoder/layers_0/mlp/wi.0/weight');
  expect(keys).toContain('head/bias');
  checkSaved(edited, await reopen(await saveAll(edited)));
});

test('raw bytes are viewed as what they are, and saved so', async () => {
  const golden = JSON.parse(readFileSync(`${ROOT}narrow.npz.json`, 'utf8'));
  const edited = apply(await open('narrow.npz'), [
    ['view-as', { keys: ['layers.0.scale'], dtype: 'f8_e4m3fn' }],
    ['view-as', { keys: ['layers.0.weight'], dtype: 'u16' }],
  ]);
  const scale = await readValues(edited, rowOf(edited, 'layers.0.scale'));
  expect([...scale.values]).toEqual(golden.viewAs['layers.0.scale'].f8_e4m3fn);
  await expect(planSave(edited)).rejects.toThrow(/no element type f8_e4m3fn/);
  const codes = apply(await open('narrow.npz'), [['view-as', { keys: ['layers.0.weight'], dtype: 'u16' }]]);
  const again = await reopen(await saveAll(codes));
  checkSaved(codes, again);
  const row = rowOf(again, 'layers.0.weight');
  expect(again.state.entries.at(row).value).toMatchObject({ dtype: 'u16' });
  expect((await readValues(again, row)).values).toEqual((await readValues(codes, row)).values);
  expect(() => apply(codes, [['view-as', { keys: ['norm'], dtype: 'bf16' }]])).toThrow(
    /of 32 bits, those of bf16 of 16/,
  );
});
