import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import { crc32 } from '../bytes/crc32.ts';
import { openZip } from '../bytes/zip.ts';
import { changeState, nextStorage } from '../model/change-state.ts';
import type { Entry, StateDict, TensorValue, Value } from '../model/state-dict.ts';
import { describeState, FIXTURES, listAll, openFixture, reopen, saveAll } from './editing.fixture.ts';
import { applyEdit, type EditedDocument } from './edits.ts';
import { checkSaved } from './save.ts';
import { readStoredBytes } from './values.ts';

const ROOT = `${import.meta.dirname}/../fixtures/`;
const PYTORCH = FIXTURES.filter(({ format }) => format === 'pytorch');
const contentOf = (path: string, id: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(readFileSync(`${ROOT}${path.slice(0, path.lastIndexOf('/') + 1)}${id}`));

/** Content by name; the names whose check sum is another, too. Undefined for what is no zip archive. */
async function membersOf(bytes: Uint8Array<ArrayBuffer>) {
  if (bytes[0] !== 0x50) return undefined;
  const zip = await openZip(bufferSource(bytes, 'a.pt'));
  const starts = await zip.locate(zip.members);
  const view = new DataView(bytes.buffer);
  const members = new Map<string, string>();
  const wrong: string[] = [];
  for (const [i, member] of zip.members.entries()) {
    const content = await zip.read(member);
    members.set(member.name, Buffer.from(content).toString('base64'));
    const sums = [member.crc];
    if (member.streamed && member.size > 0) sums.push(view.getUint32(starts[i]! + member.packed + 4, true));
    else if (!member.streamed) sums.push(view.getUint32(member.local + 14, true));
    if (sums.some((sum) => sum !== crc32(content))) wrong.push(member.name);
  }
  return { members, wrong };
}

/** A tensor whose storage stands in a file as it is. */
function findStored({ entries, storages }: StateDict): (Entry & { readonly value: TensorValue }) | undefined {
  for (let row = 0; row < entries.length; row++) {
    const { value } = entries.at(row);
    const storage = value.type === 'tensor' ? storages.get(value.storage ?? -1) : undefined;
    if (storage?.data.kind !== 'slices' || storage.byteLength === 0 || storage.endian === 'big') continue;
    if (!storage.data.slices[0]?.codec) return entries.at(row) as Entry & { readonly value: TensorValue };
  }
  return undefined;
}

/** Gives all entries of a storage another one of the same length. */
function overwrite(document: EditedDocument, storage: number, bytes: Uint8Array<ArrayBuffer>): EditedDocument {
  const { state } = document;
  const replace = new Map(
    listAll(state).flatMap((entry) =>
      entry.value.type === 'tensor' && entry.value.storage === storage
        ? [[entry.id, { ...entry, value: { ...entry.value, storage: nextStorage(state) } }] as const]
        : [],
    ),
  );
  const added = { byteLength: bytes.length, endian: 'little' as const, data: { kind: 'inline' as const, bytes } };
  return { ...document, state: changeState(state, { replace, storages: [added] }) };
}

describe.each(PYTORCH)('$path', ({ fixture }) => {
  it('has new values in the place of the old ones, and is the same otherwise', async () => {
    const document = await openFixture(fixture);
    const entry = findStored(document.state);
    if (!entry) return;
    const { byteLength } = document.state.storages.get(entry.value.storage!)!;
    const bytes = Uint8Array.from({ length: byteLength }, (__, i) => (i * 7 + 1) & 1);
    const saved = await saveAll(overwrite(document, entry.value.storage!, bytes));
    let different = 0;
    for (const [id, after] of saved) {
      const before = contentOf(fixture.path, id);
      expect(after.length).toBe(before.length);
      const [was, is] = [await membersOf(before), await membersOf(after)];
      if (!was || !is) continue;
      expect([...is.members.keys()]).toEqual([...was.members.keys()]);
      const changed = [...is.members].filter(([name, content]) => was.members.get(name) !== content);
      different += changed.length;
      const names = new Set(changed.map(([name]) => name));
      expect(is.wrong).toEqual(was.wrong.filter((name) => !names.has(name)));
    }
    if (contentOf(fixture.path, fixture.name)[0] === 0x50) expect(different).toBe(1);
    const again = await reopen(saved);
    expect(describeState(again.state)).toBe(describeState(document.state));
    expect(await readStoredBytes(again, entry.id, 0, byteLength)).toEqual(bytes);
  });
});

const ZIPS = PYTORCH.filter(
  ({ path, fixture }) => fixture.set.length === 1 && fixture.bytes[0] === 0x50 && !path.includes('torchscript'),
);
/** What has no name of its own in the file, stands in it twice, or would be a new part of a module, a new object of a class or new big-endian bytes; and a file with nothing left. */
const isRefused = (path: string, op: string, { state }: EditedDocument): boolean =>
  /one-tensor|list\.pt|shared/.test(path) ||
  (/whole-module|subclass|big-endian/.test(path) && op === 'duplicate') ||
  state.entries.length === 0;

/** All that an entry is, its bytes included, whatever number its storage has. */
async function describeEntries(document: EditedDocument): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const { id, key, value, meta } of listAll(document.state)) {
    const { storage, ...rest } = value as TensorValue;
    const stored = storage === undefined ? undefined : document.state.storages.get(storage);
    const bytes =
      stored && stored.data.kind !== 'absent' && stored.byteLength > 0
        ? Buffer.from(await readStoredBytes(document, id, 0, stored.byteLength)).toString('base64')
        : '';
    const text = JSON.stringify([rest, meta], (name, one) =>
      name === 'storage' ? undefined : typeof one === 'number' && !Number.isFinite(one) ? String(one) : one,
    );
    // Parts of a tensor are described with the numbers of their storages.
    found.set(key, `${text.replace(/\["storage",\{[^}]*\}\]/g, '')} ${bytes}`);
  }
  return found;
}

describe.each(ZIPS)('$path, written anew', ({ path, fixture }) => {
  const edits: [string, (keys: string[]) => [op: string, args: unknown]][] = [
    ['a new name', ([key]) => ['rename', { key, to: `${key}_renamed` }]],
    ['one entry less', ([key]) => ['delete', { keys: [key] }]],
    ['a second name', ([key]) => ['duplicate', { key, to: `${key}_copy` }]],
  ];

  it.each(edits)('has %s and is the same otherwise', async (_, editFor) => {
    const document = await openFixture(fixture);
    const keys = listAll(document.state).map(({ key }) => key);
    const [op, args] = editFor(keys);
    const edited = applyEdit(document, { op, args });
    if (isRefused(path, op, edited)) {
      await expect(saveAll(edited)).rejects.toMatchObject({ info: { kind: 'unsupported' } });
      return;
    }
    const saved = await saveAll(edited);
    const bytes = saved.get(fixture.name)!;
    const [was, is] = [(await membersOf(fixture.bytes))!, (await membersOf(bytes))!];
    if (!path.includes('no-crc')) expect(is.wrong).toEqual([]);
    for (const [name, content] of was.members)
      if (!/data\.pkl$|\/data\/|serialization_id$/.test(name)) expect(is.members.get(name), name).toBe(content);
    const zip = await openZip(bufferSource(bytes, 'a.pt'));
    const data = zip.members.filter(({ name, size }) => /\/data\/\d+$/.test(name) && size > 0);
    for (const start of await zip.locate(data)) expect(start % 64).toBe(0);
    const again = await reopen(saved);
    // Python tells 1, '1' and True apart as keys; as text they are one.
    if (!path.includes('leaves')) checkSaved(edited, again);
    expect([...(await describeEntries(again))].sort()).toEqual([...(await describeEntries(edited))].sort());
    expect(again.state.metadata).toEqual(document.state.metadata);
    if (op !== 'delete')
      expect(again.state.pickle?.weightsOnly.accepted).toBe(document.state.pickle?.weightsOnly.accepted);
    expect([...again.state.nodes.values()]).toEqual([...document.state.nodes.values()]);
  });
});

const fixtureAt = (path: string) => PYTORCH.find((one) => one.path === path)!.fixture;
const openAt = (path: string) => openFixture(fixtureAt(path));
const edit = (document: EditedDocument, op: string, args: unknown) => applyEdit(document, { op, args });
const keysOf = ({ state }: EditedDocument) => listAll(state).map(({ key }) => key);
const rowOf = (document: EditedDocument, key: string) => keysOf(document).indexOf(key);
async function saveAgain(document: EditedDocument) {
  const again = await reopen(await saveAll(document));
  checkSaved(document, again);
  expect([...(await describeEntries(again))].sort()).toEqual([...(await describeEntries(document))].sort());
  return again;
}
const refusal = (document: EditedDocument) =>
  saveAll(document).then(
    () => 'saved',
    (error: Error) => error.message,
  );

describe('edits of the structure', () => {
  it('a name of the same length leaves the file as torch lays it out', async () => {
    const path = 'export/module.pt';
    const document = edit(await openAt(path), 'rename', { key: 'wte.weight', to: 'wte.weighs' });
    const [bytes] = (await saveAll(document)).values();
    const before = contentOf(path, 'module.pt');
    const start = Buffer.from(before).indexOf('wte.weight');
    const differ = [...before.keys()].filter((at) => before[at] !== bytes![at]);
    // The last letter, its check sums, and torch's id of the file with its own.
    expect(bytes!.length).toBe(before.length);
    expect(differ[0]).toBe(start + 9);
    expect(differ.length).toBeLessThan(1 + 8 + 40 + 8 + 1);
  });

  it('names change places', async () => {
    let document = await openAt('export/module.pt');
    for (const [key, to] of [
      ['norm.weight', 'x'],
      ['norm.bias', 'norm.weight'],
      ['x', 'norm.bias'],
    ])
      document = edit(document, 'rename', { key, to });
    await saveAgain(document);
  });

  it('a nested dict goes with its last entry, and others are made on the way to a new one', async () => {
    let document = await openAt('export/nested.pt');
    const inner = keysOf(document).filter((key) => key.startsWith('optimizer.state.1.'));
    document = edit(document, 'delete', { keys: inner });
    document = edit(document, 'rename', { key: 'epoch', to: 'progress.of.epoch' });
    document = edit(document, 'duplicate', { key: 'model.layer.0.bias', to: 'ema.layer.0.bias' });
    const again = await saveAgain(document);
    expect(again.state.nodes.has('optimizer.state.1')).toBe(false);
    expect(again.state.nodes.get('progress.of')?.container).toBe('dict');
    // A copy has bytes of its own: what is done to one is not done to the other.
    expect(again.state.shares).toHaveLength(0);
  });

  it('values that are no tensors, and integer keys', async () => {
    let document = await openAt('export/nested.pt');
    const replace = (key: string, value: Value) => {
      const row = rowOf(document, key);
      const state = changeState(document.state, {
        replace: new Map([[row, { ...document.state.entries.at(row), value }]]),
      });
      document = { ...document, state };
    };
    replace('epoch', { type: 'int', digits: '123456789012345678901234567890' });
    replace('best', { type: 'float', value: -0 });
    replace('note', { type: 'text', text: '\u{1f9e0} "quoted"' });
    replace('optimizer.param_groups.0.betas.1', { type: 'float', value: 0.95 });
    document = edit(document, 'rename', { key: 'optimizer.state.0.step', to: 'optimizer.state.0.steps' });
    const again = await saveAgain(document);
    expect(again.state.entries.at(rowOf(again, 'best')).value).toEqual({ type: 'float', value: -0 });
    expect(again.state.entries.at(rowOf(again, 'optimizer.state.0.steps')).path.parts).toEqual([
      'optimizer',
      'state',
      0,
      'steps',
    ]);
  });

  it('another type and shape, a tie undone, a tensor that is new', async () => {
    const document = await openAt('export/dtypes.pt');
    const first = nextStorage(document.state);
    const [f32, scalar] = ['float32', 'scalar'].map((key) => document.state.entries.at(rowOf(document, key)));
    const value: TensorValue = { type: 'tensor', dtype: 'f8_e4m3fn', shape: [2, 3], offset: 0, storage: first };
    const apart: TensorValue = { type: 'tensor', dtype: 'f32', shape: [3, 4], offset: 0, storage: first + 1 };
    const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => i + 1);
    const inline = (length: number) => ({
      byteLength: length,
      endian: 'little' as const,
      data: { kind: 'inline' as const, bytes: bytes(length) },
    });
    const state = changeState(document.state, {
      replace: new Map([
        [scalar!.id, { ...scalar!, value }],
        [f32!.id, { ...f32!, value: apart }],
      ]),
      add: [
        {
          ...f32!,
          key: 'new',
          path: { parts: ['new'], kinds: ['unknown'], raw: 'new' },
          value: { ...apart, shape: [4, 3] },
        },
      ],
      storages: [inline(6), inline(48)],
    });
    const again = await saveAgain({ ...document, state });
    expect(
      again.state.shares.map(({ owner, aliases }) => [owner, ...aliases].map((row) => keysOf(again)[row])),
    ).toEqual([['float32', 'new']]);
    const wanted = contentOf('export/dtypes.pt', 'dtypes.pt');
    expect((await saveAll({ ...document, state })).get('dtypes.pt')!.length).toBeGreaterThan(wanted.length);
  });

  it('versions of modules', async () => {
    let document = await openAt('export/module.pt');
    document = edit(document, 'set-metadata', { section: '_metadata', key: 'norm', json: '{"version":7}' });
    document = edit(document, 'set-metadata', { section: '_metadata', key: 'new', json: '{"version":1}' });
    document = edit(document, 'set-metadata', { section: '_metadata', key: 'head' });
    const again = await saveAgain(document);
    expect(again.state.metadata.filter(({ section }) => section === '_metadata')).toEqual(
      document.state.metadata.filter(({ section }) => section === '_metadata'),
    );
  });

  it.each<[string, string, string, unknown, RegExp]>([
    [
      'an item of a tuple',
      'export/nested.pt',
      'delete',
      { keys: ['optimizer.param_groups.0.betas.1'] },
      /an item of a list or tuple/,
    ],
    ['TorchScript', 'pytorch/torchscript.pt', 'rename', { to: 'other' }, /TorchScript; only its values/],
    ['a file of torch before 1.6', 'pytorch/tiny-legacy.pt', 'rename', { to: 'other' }, /before 1.6; only its values/],
    [
      'metadata elsewhere',
      'export/nested.pt',
      'set-metadata',
      { section: 'archive', key: 'version', text: '9' },
      /no place for metadata/,
    ],
    ['a quantised tensor', 'pytorch/quantised.pt', 'rename', { to: 'other' }, /^saved$/],
  ])('%s', async (_, path, op, args, why) => {
    const document = await openAt(path);
    const key = keysOf(document)[0];
    expect(await refusal(edit(document, op, { ...(op === 'rename' && { key }), ...(args as object) }))).toMatch(why);
  });

  it('what stands in two places is not changed in one', async () => {
    const document = await openAt('export/shared.pt');
    expect(await refusal(edit(document, 'delete', { keys: ['two.bias'] }))).toMatch(
      /stands at one and two: a change would show in both/,
    );
    // A tensor is another one where it is replaced, and not where it is not.
    const row = rowOf(document, 'y.t');
    const value: TensorValue = {
      type: 'tensor',
      dtype: 'f32',
      shape: [1],
      offset: 0,
      storage: nextStorage(document.state),
    };
    const state = changeState(document.state, {
      replace: new Map([[row, { ...document.state.entries.at(row), value }]]),
      storages: [{ byteLength: 4, endian: 'little', data: { kind: 'inline', bytes: Uint8Array.of(0, 0, 128, 63) } }],
    });
    const again = await saveAgain({ ...document, state });
    expect(keysOf(again)).toEqual(keysOf(document));
  });
});

/** The same number everywhere in a storage. */
const filled = (length: number, byte: number) => ({
  byteLength: length,
  endian: 'little' as const,
  data: { kind: 'inline' as const, bytes: new Uint8Array(length).fill(byte) },
});

test('new values of a tensor of a class nobody knows, together with a new name', async () => {
  const before = await openAt('pytorch/quantised.pt');
  const key = 'per_channel_qint8';
  const { storage } = before.state.entries.at(rowOf(before, key)).value as TensorValue;
  const { byteLength } = before.state.storages.get(storage!)!;
  const overwritten = overwrite(before, storage!, new Uint8Array(byteLength).fill(5));
  const again = await saveAgain(edit(overwritten, 'rename', { key, to: 'other' }));
  const { value } = again.state.entries.at(rowOf(again, 'other'));
  expect((value as TensorValue).quant?.scheme).toBe('per-channel-affine');
});

test('a copy that was made before keeps the old values', async () => {
  const document = edit(await openAt('export/module.pt'), 'duplicate', { key: 'norm.weight', to: 'copy' });
  const row = rowOf(document, 'norm.weight');
  const entry = document.state.entries.at(row);
  const value = { ...(entry.value as TensorValue), storage: nextStorage(document.state) };
  const state = changeState(document.state, {
    replace: new Map([[row, { ...entry, value }]]),
    storages: [filled(16, 7)],
  });
  await saveAgain({ ...document, state });
});
