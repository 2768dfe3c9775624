import { expect, test } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import { ROLE_ORDER, ROW_FLAG } from '../model/state-dict.ts';
import { FIXTURES, openFixture, reopen, saveAll } from './editing.fixture.ts';
import { applyEdit, type EditedDocument } from './edits.ts';
import { findKey } from './find-key.ts';
import { openFiles } from './open.ts';
import { planSave } from './save.ts';
import { isSidecar, readSidecar, sidecarOf } from './sidecar.ts';

const open = (path: string) => openFixture(FIXTURES.find((one) => one.path === path)!.fixture);
const setRole = (document: EditedDocument, key: string, role: string, spec?: string) =>
  applyEdit(document, { op: 'set-role', args: { key, role, ...(spec && { spec }) } });
const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

async function withRoles() {
  const document = await open('safetensors/tiny.safetensors');
  const [a, b, c] = [0, 1, 2].map((row) => document.state.entries.at(row).key) as [string, string, string];
  const edited = setRole(setRole(document, a, 'parameter', 'P("data", None)'), b, 'variable', 'BatchStat');
  return { document, edited, a, b, c };
}

test('roles are saved beside a file that has no place for them, and read again with it', async () => {
  const { edited, a, b, c } = await withRoles();
  const files = await saveAll(edited);
  expect([...files.keys()]).toEqual(['tiny.safetensors', 'tiny.safetensors.stateglass.json']);
  expect(JSON.parse(text(files.get('tiny.safetensors.stateglass.json')))).toEqual({
    format: 'stateglass sidecar',
    version: 1,
    roles: { [a]: { role: 'parameter', spec: 'P("data", None)' }, [b]: { role: 'variable', spec: 'BatchStat' } },
  });
  const plan = await planSave(edited);
  expect(plan.files.map(({ isCopy }) => isCopy)).toEqual([true, false]);

  const again = await reopen(files);
  expect(findKey(again, a)).toMatchObject({
    role: { role: 'parameter', spec: 'P("data", None)' },
    roleSource: 'sidecar',
  });
  expect(findKey(again, b)).toMatchObject({ role: { role: 'variable', variable: 'BatchStat' }, roleSource: 'sidecar' });
  expect(findKey(again, c).roleSource).toBe('heuristic');
  const { roles, flags } = again.state.entries.columns();
  expect(ROLE_ORDER[roles[findKey(again, b).id]!]).toBe('variable');
  expect(flags[findKey(again, b).id]! & (ROW_FLAG.guessedRole | ROW_FLAG.edited)).toBe(0);
  expect(flags[findKey(again, c).id]! & ROW_FLAG.guessedRole).not.toBe(0);
  expect(again.state.files.map(({ part }) => part)).toEqual(['model', 'sidecar']);
  // Nothing is different: both files are copied.
  expect((await planSave(again)).files.map(({ isCopy }) => isCopy)).toEqual([true, true]);
});

test('a sidecar follows renames, and edits of tensors leave it as it is', async () => {
  const { edited, a } = await withRoles();
  const again = await reopen(await saveAll(edited));
  const cast = applyEdit(again, { op: 'set-metadata', args: { key: 'note', text: 'x' } });
  expect((await planSave(cast)).files.map(({ isCopy }) => isCopy)).toEqual([false, true]);
  const renamed = await saveAll(applyEdit(again, { op: 'rename', args: { key: a, to: 'other' } }));
  expect([...readSidecar(text(renamed.get('tiny.safetensors.stateglass.json'))).keys()]).toContain('other');
  expect(findKey(await reopen(renamed), 'other').roleSource).toBe('sidecar');
});

test('a sidecar finds its model by name, or as the only one beside the only one', async () => {
  const { edited } = await withRoles();
  const files = await saveAll(edited);
  const [model, sidecar] = [...files.values()] as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
  const openAs = async (names: readonly (readonly [string, Uint8Array<ArrayBuffer>])[]) => {
    const sources = names.map(([id, bytes]) => ({ id, source: bufferSource(bytes, id.split('/').at(-1)!) }));
    const { documents, failures } = await openFiles(sources);
    return {
      given: documents.map(({ state }) => state.files.some(({ part }) => part === 'sidecar')),
      failures: failures.map(({ error }) => error.kind),
    };
  };
  const SIDE = 'b.safetensors.stateglass.json';
  expect(
    await openAs([
      ['a.safetensors', model],
      ['b.safetensors', model],
      [SIDE, sidecar],
    ]),
  ).toEqual({
    given: [false, true],
    failures: [],
  });
  expect(
    await openAs([
      ['renamed.safetensors', model],
      [SIDE, sidecar],
    ]),
  ).toEqual({ given: [true], failures: [] });
  expect(
    await openAs([
      ['x/b.safetensors', model],
      [`y/${SIDE}`, sidecar],
    ]),
  ).toEqual({
    given: [false],
    failures: ['not-a-model'],
  });
  expect(sidecarOf('m/model-00001-of-00002.safetensors')).toBe('m/model.safetensors.stateglass.json');
  expect(sidecarOf('m/model.safetensors.index.json')).toBe('m/model.safetensors.stateglass.json');
  expect(isSidecar(sidecarOf('a.pt'))).toBe(true);
});

test.each([
  ['{', /JSON/],
  ['{"format": "stateglass recipe", "version": 1}', /does not say/],
  ['{"format": "stateglass sidecar", "version": 2, "roles": {}}', /version 2/],
  ['{"format": "stateglass sidecar", "version": 1, "roles": {"w": {"role": "king"}}}', /w has no role/],
  ['{"format": "stateglass sidecar", "version": 1, "roles": {"w": {"role": "buffer", "spec": 1}}}', /spec of w/],
])('%s is no sidecar: the model opens all the same, and says why', async (wrong, why) => {
  const { document } = await withRoles();
  const files = new Map([...(await saveAll(document))]);
  files.set('tiny.safetensors.stateglass.json', new TextEncoder().encode(wrong));
  const again = await reopen(files);
  expect(again.state.entries.length).toBe(document.state.entries.length);
  expect(again.state.problems.find(({ code }) => code === 'sidecar')?.message).toMatch(why);
});

test('what a sidecar says of entries that are not there is told', async () => {
  const { edited, b } = await withRoles();
  const files = await saveAll(edited);
  const name = 'tiny.safetensors.stateglass.json';
  files.set(name, new TextEncoder().encode(text(files.get(name)).replace(JSON.stringify(b), '"gone"')));
  const again = await reopen(files);
  expect(again.state.problems).toMatchObject([
    { code: 'sidecar', message: expect.stringContaining('gone'), file: name },
  ]);
});
