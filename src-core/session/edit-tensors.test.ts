import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import { openHandle } from '../bytes/open-handle.ts';
import type { Edit } from '../model/edit.ts';
import { type DType, dtypeLabel } from '../tensor/dtype.ts';
import { drawNumbers } from '../tensor/random.ts';
import { describeState, FIXTURES, listAll, openFixture, reopen, saveAll } from './editing.fixture.ts';
import { applyEdit, type EditedDocument, startEditing } from './edits.ts';
import { findKey } from './find-key.ts';
import { hashDocument } from './hash.ts';
import { localPool } from './local-pool.ts';
import { openFiles } from './open.ts';
import { scanStats } from './scan.ts';
import { readStoredBytes, readValues } from './values.ts';

interface Golden {
  readonly base: string;
  readonly draws: readonly { seed: number; start: number; uniform: number[]; normal: number[] }[];
  readonly entries: readonly {
    readonly case: string;
    readonly key: string;
    readonly edits: readonly Edit[];
    readonly dtype: DType;
    readonly shape: readonly number[];
    readonly bytes: string;
  }[];
}

const golden: Golden = JSON.parse(readFileSync(new URL('../fixtures/derived/edits.json', import.meta.url), 'utf8'));

async function openBytes(bytes: Uint8Array<ArrayBuffer>, name = 'base.safetensors'): Promise<EditedDocument> {
  const { documents } = await openFiles([{ id: name, source: bufferSource(bytes, name) }]);
  return startEditing(documents[0]!);
}
const openBase = () => openBytes(Uint8Array.from(Buffer.from(golden.base, 'base64')));
const applyAll = (document: EditedDocument, edits: readonly Edit[]) => edits.reduce(applyEdit, document);

/** What is told of a tensor, but for the places of extremes in the order of the bytes: `minIndex` says where they are. */
async function statsOf(document: EditedDocument, key: string, workers = 1): Promise<unknown> {
  const told: unknown[] = [];
  const { id } = findKey(document, key);
  await scanStats(document, [id], localPool(openHandle, workers), ({ sameAs: _, stats, ...rest }) => {
    const { minAt: _min, maxAt: _max, ...plain } = stats!;
    told.push({ ...rest, stats: plain });
  });
  return told;
}

describe('edited tensors are what torch makes of them', () => {
  test.each(golden.entries)('$case', async ({ key, edits, dtype, shape, bytes }) => {
    const document = await openBase();
    const before = describeState(document.state);
    const edited = applyAll(document, edits);
    expect(describeState(document.state)).toBe(before);
    const { value } = findKey(edited, key);
    expect(value).toMatchObject({ type: 'tensor', dtype, shape });
    // As the file will have it: what is shown, hashed and counted is the same.
    const saved = await reopen(await saveAll(edited));
    const plain = findKey(saved, key);
    expect(plain.value).toMatchObject({ dtype, shape });
    const stored = saved.state.storages.get((plain.value as { storage: number }).storage)!;
    expect(Buffer.from(await readStoredBytes(saved, plain.id, 0, stored.byteLength)).toString('base64')).toBe(bytes);
    expect((await readValues(edited, findKey(edited, key).id)).values).toEqual(
      (await readValues(saved, plain.id)).values,
    );
    expect(await statsOf(edited, key)).toEqual(await statsOf(saved, key));
    const pool = localPool(openHandle);
    expect((await hashDocument(edited, pool)).content).toBe((await hashDocument(saved, pool)).content);
  });
});

test('random numbers are those of the paper', () => {
  for (const { seed, start, uniform, normal } of golden.draws) {
    const [from, to] = [start, start + uniform.length];
    expect([...drawNumbers({ kind: 'uniform', seed, low: 0, high: 1 }, from, to)]).toEqual(uniform);
    // Sines of libraries differ in the last place.
    const drawn = drawNumbers({ kind: 'normal', seed, mean: 0, std: 1 }, from, to);
    for (const [i, number] of drawn.entries()) expect(number).toBeCloseTo(normal[i]!, 14);
  }
});

test('a second edit extends the first instead of lying on it', async () => {
  const once = applyEdit(await openBase(), { op: 'set-elements', args: { key: 'w', slice: '0', values: 1 } });
  const twice = applyEdit(once, { op: 'set-elements', args: { key: 'w', slice: '0:2, 1', values: [5, 6] } });
  const { value } = findKey(twice, 'w');
  const storage = twice.state.storages.get((value as { storage: number }).storage)!;
  expect(storage.data).toMatchObject({
    kind: 'derived',
    expr: { kind: 'patch', runs: [{ at: 0 }, { at: 1 }, { at: 2 }, { at: 6 }] },
    inputs: [{ storage: { data: { kind: 'slices' } } }],
  });
});

test('a tensor without data can be filled', async () => {
  const document = await openFixture(FIXTURES.find(({ path }) => path === 'pytorch/meta.pt')!.fixture);
  const edited = applyEdit(document, { op: 'fill', args: { key: 'meta', with: { constant: 2 } } });
  expect([...(await readValues(edited, findKey(edited, 'meta').id, '999,1998:')).values]).toEqual([2, 2]);
});

describe('tied weights', () => {
  const { fixture } = FIXTURES.find(({ path }) => path === 'pytorch/tied.bin')!;
  const open = async () => {
    const document = await openFixture(fixture);
    const [group] = document.state.shares;
    const rows = [group!.owner, ...group!.aliases];
    const views = rows.map((row) => document.state.entries.at(row));
    const same = views.filter(({ value }) => JSON.stringify(value) === JSON.stringify(views[0]!.value));
    expect(same.length).toBeGreaterThan(1);
    return { document, keys: same.map(({ key }) => key) };
  };
  const storageOf = (document: EditedDocument, key: string) =>
    (findKey(document, key).value as { storage: number }).storage;

  test('are changed together, and stay tied', async () => {
    const { document, keys } = await open();
    const edited = applyEdit(document, { op: 'fill', args: { key: keys[1]!, with: 'ones' } });
    const storages = keys.map((key) => storageOf(edited, key));
    expect(new Set(storages).size).toBe(1);
    expect(storages[0]).toBeGreaterThanOrEqual(document.state.storages.size);
    const rows = keys.map((key) => findKey(edited, key).id);
    expect(
      edited.state.shares.some(({ owner, aliases }) => rows.every((row) => [owner, ...aliases].includes(row))),
    ).toBe(true);
  });

  test('are changed apart when that is wanted', async () => {
    const { document, keys } = await open();
    const edited = applyEdit(document, { op: 'fill', args: { key: keys[1]!, with: 'ones', untie: true } });
    expect(storageOf(edited, keys[0]!)).toBe(storageOf(document, keys[0]!));
    expect(storageOf(edited, keys[1]!)).not.toBe(storageOf(document, keys[0]!));
    const row = findKey(edited, keys[1]!).id;
    expect(edited.state.shares.some(({ owner, aliases }) => [owner, ...aliases].includes(row))).toBe(false);
  });
});

test('statistics of a derived giant do not depend on the number of workers', async () => {
  const header = JSON.stringify({ w: { dtype: 'F32', shape: [1100, 2048], data_offsets: [0, 4 * 1100 * 2048] } });
  const bytes = new Uint8Array(8 + header.length + 4 * 1100 * 2048);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(new TextEncoder().encode(header), 8);
  const document = applyAll(await openBytes(bytes, 'w.safetensors'), [
    { op: 'transpose', args: { key: 'w', axes: [1, 0] } },
    { op: 'fill', args: { key: 'w', slice: '::3', with: { normal: { seed: 3, mean: 1, std: 2 } } } },
    { op: 'affine', args: { keys: ['w'], scale: 2, shift: 1 } },
    { op: 'cast', args: { keys: ['w'], dtype: 'f64' } },
  ]);
  const [one, three] = await Promise.all([statsOf(document, 'w', 1), statsOf(document, 'w', 3)]);
  expect(one).toMatchObject([{ stats: { count: 1100 * 2048 } }]);
  expect(three).toEqual(one);
  expect(await statsOf(await reopen(await saveAll(document)), 'w')).toEqual(one);
});

test.each([
  [{ op: 'set-elements', args: { key: 'ww', slice: '', values: 0 } }, /no such key.*did you mean w/],
  [{ op: 'set-elements', args: { key: 'half', slice: '0,0', values: 70000 } }, /70000 is too large for f16/],
  [{ op: 'set-elements', args: { key: 'small', slice: '0,0', values: 128 } }, /outside the range of i8, -128 to 127/],
  [{ op: 'set-elements', args: { key: 'whole', slice: '0,0', values: 1.5 } }, /1.5 is not a whole number/],
  [{ op: 'set-elements', args: { key: 'w', slice: '0', values: [1, 2] } }, /a list of 5 is wanted, 2 of them came/],
  [{ op: 'set-elements', args: { key: 'w', slice: '9', values: 1 } }, /position 9 is outside dimension 0/],
  [{ op: 'set-elements', args: { key: 'w', values: 1 } }, /slice is missing/],
  [{ op: 'fill', args: { key: 'small', with: { normal: { seed: 1, mean: 0, std: 1 } } } }, /random numbers are floats/],
  [{ op: 'fill', args: { key: 'w', with: { normal: { seed: -1, mean: 0, std: 1 } } } }, /a seed is a whole number/],
  [{ op: 'cast', args: { keys: ['w'], dtype: 'f4' } }, /less than a byte/],
  [{ op: 'affine', args: { keys: ['mask'], scale: 2, shift: 0 } }, /bool are no real numbers/],
  [{ op: 'reshape', args: { key: 'w', shape: [4, -1] } }, /\[4, -1\] is no shape for the 30 elements/],
  [{ op: 'transpose', args: { key: 'w', axes: [0, 0] } }, /axes 0, 0 are not those of \[6, 5\]/],
  [{ op: 'pad', args: { key: 'w', before: [1], after: [1, 2] } }, /2 counts each/],
] as const)('%j is refused', async (edit, why) => {
  const document = await openBase();
  expect(() => applyEdit(document, edit)).toThrow(why);
});

test.each(['pytorch/quantised.pt', 'pytorch/sparse.pt', 'pytorch/conj-neg.pt', 'pytorch/meta.pt'])(
  'what cannot be edited in %s is refused, not damaged',
  async (path) => {
    const document = await openFixture(FIXTURES.find((one) => one.path === path)!.fixture);
    let refused = 0;
    for (const { key, value } of listAll(document.state)) {
      if (value.type !== 'tensor') continue;
      const edit = { op: 'set-elements', args: { key, slice: value.shape.map(() => '0').join(), values: 1 } };
      try {
        const { id } = findKey(document, key);
        await readValues(applyEdit(document, edit), id);
      } catch (error) {
        expect(String(error), dtypeLabel(value.dtype)).toMatch(
          /quantised|whole bytes|sparse|signs|without data|not in the file/,
        );
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(0);
  },
);
