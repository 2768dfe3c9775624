import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { describeState, FIXTURES, listAll, openFixture, reopen, saveAll } from './editing.fixture.ts';
import { applyEdit, type EditedDocument } from './edits.ts';
import { checkSaved, isSavable, planSave } from './save.ts';
import { readStoredBytes } from './values.ts';

const ROOT = `${import.meta.dirname}/../fixtures/`;
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Hashes of the bytes behind every tensor, by key. */
async function hashTensors(document: EditedDocument): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for (const { id, key, value } of listAll(document.state)) {
    const storage = value.type === 'tensor' ? document.state.storages.get(value.storage ?? -1) : undefined;
    if (!storage || storage.data.kind === 'absent') continue;
    hashes.set(key, sha(await readStoredBytes(document, id, 0, storage.byteLength).catch(() => new Uint8Array())));
  }
  return hashes;
}

describe.each(FIXTURES)('$path', ({ fixture }) => {
  it('is saved byte for byte when nothing was edited', async () => {
    const document = await openFixture(fixture);
    if (!(await isSavable(document))) return;
    const plan = await planSave(document);
    expect(plan.files.length).toBeGreaterThan(0);
    for (const { isCopy, newBytes } of plan.files) expect([isCopy, newBytes]).toEqual([true, 0]);
    const folder = fixture.path.slice(0, -fixture.name.length);
    for (const [id, bytes] of await saveAll(document)) {
      expect(Buffer.compare(bytes, readFileSync(`${ROOT}${folder}${id}`)), id).toBe(0);
    }
  });
});

const SAFETENSORS = FIXTURES.filter(({ format }) => format === 'safetensors');

describe.each(SAFETENSORS)('$path', ({ fixture }) => {
  it.each([
    ['rename', (keys: string[]) => ({ key: keys[0], to: `${keys[0]}.renamed` })],
    ['delete', (keys: string[]) => ({ keys: [keys[0]] })],
    ['duplicate', (keys: string[]) => ({ key: keys[0], to: 'copy.of.it' })],
    ['set-metadata', () => ({ key: 'note', text: 'Ünï "quoted"' })],
  ])('keeps the bytes of all others after %s', async (op, argsFor) => {
    const document = await openFixture(fixture);
    const hashes = await hashTensors(document);
    const keys = [...hashes.keys()];
    if (keys.length < 2) return;
    const edited = applyEdit(document, { op, args: argsFor(keys) });
    if (fixture.path.startsWith('health/damaged/truncated')) {
      await expect(saveAll(edited)).rejects.toThrow(/was cut off before its bytes/);
      return;
    }
    const saved = await reopen(await saveAll(edited));
    checkSaved(edited, saved);
    const after = await hashTensors(saved);
    const shown = await hashTensors(edited);
    expect([...after].sort()).toEqual([...shown].sort());
    for (const key of keys.slice(1)) expect(after.get(key)).toBe(hashes.get(key));
  });
});

test('a new name in a shard is a new name in the index', async () => {
  const { fixture } = SAFETENSORS.find(({ path }) => path === 'safetensors/sharded/model.safetensors.index.json')!;
  const document = await openFixture(fixture);
  const key = listAll(document.state)[0]!.key;
  const files = await saveAll(applyEdit(document, { op: 'rename', args: { key, to: 'a.new.name' } }));
  const index = JSON.parse(new TextDecoder().decode(files.get('model.safetensors.index.json')));
  const before = JSON.parse(readFileSync(`${ROOT}safetensors/sharded/model.safetensors.index.json`, 'utf8'));
  expect(index.weight_map['a.new.name']).toBe(before.weight_map[key]);
  expect(index.weight_map[key]).toBeUndefined();
  expect(index.metadata).toEqual(before.metadata);
  const unchanged = [...files].filter(([id, bytes]) => {
    return Buffer.compare(bytes, readFileSync(`${ROOT}safetensors/sharded/${id}`)) === 0;
  });
  expect(unchanged.length).toBe(files.size - 2);
});

test('a file that is not what was meant is told', async () => {
  const { fixture } = SAFETENSORS[0]!;
  const document = await openFixture(fixture);
  const keys = listAll(document.state).map(({ key }) => key);
  const edited = applyEdit(document, { op: 'rename', args: { key: keys[0], to: 'other' } });
  expect(() => checkSaved(edited, document)).toThrow(/other is missing/);
  expect(describeState(document.state)).not.toBe(describeState(edited.state));
});

test('examples put where a program of DSPy has none are what was meant', async () => {
  const { fixture } = FIXTURES.find(({ path }) => path.endsWith('dspy-cot.json'))!;
  const document = await openFixture(fixture);
  const empty = listAll(document.state).find(({ key }) => key.endsWith('demos'))!;
  expect(empty.value).toEqual({ type: 'empty', of: 'list' });
  const edited = applyEdit(document, { op: 'set-value', args: { key: empty.key, json: '[{"question": "q"}]' } });
  const saved = await reopen(await saveAll(edited));
  expect(() => checkSaved(edited, saved)).not.toThrow();
  const other = applyEdit(document, { op: 'set-value', args: { key: empty.key, json: '[{"question": "other"}]' } });
  expect(() => checkSaved(other, saved)).toThrow('demos is another value');
});
