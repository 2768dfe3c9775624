import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  DELTAS,
  DeltaTable,
  labelOfNode,
  localPool,
  NODE_FLAG,
  openHandle,
  PAIR_METHODS,
  VERDICTS,
} from '../../src-core/index.ts';
import type { DocumentId, EngineApi, OpenedDocument } from './api.ts';
import type { ComparedDocument, PairBatch } from './compare-api.ts';
import { createEngine } from './engine.ts';

const ROOT = join(import.meta.dirname, '../..');

async function open(engine: EngineApi, path: string): Promise<OpenedDocument> {
  const name = path.split('/').at(-1)!;
  const bytes = new Uint8Array(readFileSync(join(ROOT, path)));
  const { documents } = await engine.open({ files: [{ path: name, handle: { kind: 'buffer', name, bytes } }] });
  return documents[0]!;
}

const openText = async (engine: EngineApi, name: string, text: string): Promise<DocumentId> => {
  const bytes = new TextEncoder().encode(text);
  const { documents } = await engine.open({ files: [{ path: name, handle: { kind: 'buffer', name, bytes } }] });
  return documents[0]!.id;
};

async function compareStages(engine: EngineApi): Promise<ComparedDocument> {
  const a = await open(engine, 'public/examples/digits-epoch1.safetensors');
  const b = await open(engine, 'public/examples/digits-final.pt');
  return engine.compare({ a: a.id, b: b.id });
}

const verdictsBy = async (engine: EngineApi, { id, pairs }: ComparedDocument): Promise<Record<string, string>> => {
  const rows = Uint32Array.from({ length: pairs.count }, (_, pair) => pair);
  const keys = await engine.keys(id, rows);
  return Object.fromEntries(keys.map((key, pair) => [key, VERDICTS[pairs.verdict[pair]!]!]));
};

test('files of two formats are one tree, filtered and sorted by what their values are', async () => {
  const engine = createEngine();
  const comparison = await compareStages(engine);
  expect(comparison.pairs.count).toBe(18);
  expect(comparison.pairs.unknown[0]).toBe(18);
  expect([...comparison.pairs.rowA].every((row) => row >= 0)).toBe(true);
  const batches: PairBatch[] = [];
  const all = Uint32Array.from({ length: 18 }, (_, pair) => pair);
  await engine.scanPairs(comparison.id, all, { onItem: (batch) => batches.push(batch) });
  const deltas = new DeltaTable();
  for (const batch of batches) deltas.add(batch);
  expect(deltas.size).toBe(18);

  const [pair] = await engine.filter(comparison.id, 'classifier.1.weight');
  const read = async (document: DocumentId, entry: number) =>
    (await engine.values({ document, entry })).values as Float64Array;
  const x = await read(comparison.pairs.a, comparison.pairs.rowA[pair!]!);
  const y = await read(comparison.pairs.b, comparison.pairs.rowB[pair!]!);
  const sizes = Array.from(x, (value, i) => Math.abs(y[i]! - value));
  const largest = Math.max(...sizes);
  expect(deltas.numberOf(pair!, 'delta')).toBeCloseTo(largest, 6);
  expect(deltas.numberOf(pair!, 'deltaMean')).toBeCloseTo(sizes.reduce((sum, size) => sum + size) / sizes.length, 6);
  const found = await engine.pairValues({ comparison: comparison.id, pair: pair! });
  expect(found.indices.maxAbs).toEqual([Math.floor(sizes.indexOf(largest) / 1024), sizes.indexOf(largest) % 1024]);

  expect(await engine.filter(comparison.id, 'status:changed')).toHaveLength(18);
  const far = await engine.filter(comparison.id, 'rel:>10');
  expect(await engine.keys(comparison.id, far)).toEqual([
    'features.1.bias',
    'features.1.num_batches_tracked',
    'features.4.bias',
    'features.4.num_batches_tracked',
  ]);
  const sorted = await engine.sort({ document: comparison.id, column: 'rel', descending: true });
  const rels = Array.from(sorted, (row) => deltas.numberOf(row, 'rel'));
  expect(rels).toEqual(rels.toSorted((p, q) => q - p));
  await expect(engine.filter(comparison.pairs.a, 'status:changed')).rejects.toThrow('only a comparison');
});

test('values of other kinds are judged at once, whatever spells them', async () => {
  const engine = createEngine();
  const a = await openText(engine, 'a.json', '{"x.text": "one", "x.number": 1.0, "x.gone": "here", "y.list": [1, 2]}');
  const b = await openText(
    engine,
    'b.json',
    '{"x.text": "two", "x.number": 1.00, "y.list": [1, 2], "z.new": "so long"}',
  );
  const comparison = await engine.compare({ a, b });
  expect(await verdictsBy(engine, comparison)).toEqual({
    'x.text': 'changed',
    'x.number': 'same',
    'x.gone': 'removed',
    'y.list': 'same',
    'z.new': 'added',
  });
  expect([comparison.pairs.differing[0], comparison.pairs.unknown[0]]).toEqual([3, 0]);
  const x = comparison.tree.end.findIndex((_, node) => node > 0 && labelOfNode(comparison.tree, node) === 'x');
  expect(comparison.pairs.differing[x]).toBe(2);
});

test('rules and pins decide who goes with whom; a preview says so before', async () => {
  const engine = createEngine();
  const a = await openText(engine, 'a.json', '{"old.greeting": "hello", "old.farewell": "bye", "old.rest": "…"}');
  const b = await openText(engine, 'b.json', '{"new.greeting": "hello!", "new.parting": "goodbye", "new.rest": "!"}');
  const rules = [{ pattern: '^old', to: 'new' }];
  expect(await engine.previewPairs({ a, b, rules })).toMatchObject({
    byRule: 2,
    found: [
      { keyA: 'old.greeting', keyB: 'new.greeting' },
      { keyA: 'old.rest', keyB: 'new.rest' },
    ],
  });
  const pinned = [
    ['old.farewell', 'new.parting'],
    ['old.rest', null],
    [null, 'new.rest'],
  ] as const;
  const comparison = await engine.compare({ a, b, rules, pinned });
  expect(await verdictsBy(engine, comparison)).toEqual({
    'old.greeting': 'changed',
    'old.farewell': 'changed',
    'old.rest': 'removed',
    'new.rest': 'added',
  });
  expect(await engine.filter(comparison.id, 'renamed:true')).toHaveLength(2);
  await expect(engine.previewPairs({ a, b, rules: [{ pattern: '(', to: '' }] })).rejects.toThrow('regular expression');
});

test('a report says what is known, as text of three kinds', async () => {
  const engine = createEngine();
  const comparison = await compareStages(engine);
  const all = Uint32Array.from({ length: 18 }, (_, pair) => pair);
  const before = JSON.parse(await engine.comparisonReport(comparison.id, 'json'));
  expect(before.summary).toMatchObject({ same: 18, changed: 0 });
  await engine.scanPairs(comparison.id, all);
  const after = JSON.parse(await engine.comparisonReport(comparison.id, 'json'));
  expect(after.summary).toMatchObject({ same: 0, changed: 18 });
  expect(after.entries[0]).toMatchObject({ status: 'changed', maxAbs: expect.any(Number) });
  expect(await engine.comparisonReport(comparison.id, 'markdown')).toContain('18 tensors: 18 changed');
  expect(await engine.comparisonReport(comparison.id, 'html')).toMatch(/^<!doctype html>/);
});

test('a document is compared with itself as it was read', async () => {
  const engine = createEngine();
  const document = await open(engine, 'public/examples/digits-final.safetensors');
  await engine.edit(document.id, { op: 'delete', args: { keys: ['classifier.3.bias'] } });
  const saved = await engine.openSaved(document.id);
  const comparison = await engine.compare({ a: saved.id, b: document.id });
  const batches: PairBatch[] = [];
  const all = Uint32Array.from({ length: comparison.pairs.count }, (_, pair) => pair);
  await engine.scanPairs(comparison.id, all, { onItem: (batch) => batches.push(batch) });
  expect(Object.values(await verdictsBy(engine, comparison)).filter((verdict) => verdict === 'removed')).toHaveLength(
    1,
  );
  // The same bytes of the same file: nothing differs.
  const share = DELTAS.indexOf('share');
  for (const { values } of batches)
    for (let i = share; i < values.length; i += DELTAS.length) expect(values[i]).toBe(0);
  await engine.close(comparison.id);
  await expect(engine.filter(comparison.id, 'x')).rejects.toThrow('it was closed');
});

test('after an edit only what it touched is compared again', async () => {
  const local = localPool(openHandle);
  let tasks = 0;
  const run: typeof local.run = (...task) => {
    tasks++;
    return local.run(...task);
  };
  const engine = createEngine({ pool: { size: 1, run } });
  const first = await compareStages(engine);
  const all = Uint32Array.from({ length: 18 }, (_, pair) => pair);
  await engine.scanPairs(first.id, all);
  expect(tasks).toBe(18);
  const [edited] = await engine.filter(first.id, 'classifier.1.bias');
  const args = { key: 'classifier.1.bias', slice: '0', values: 4 };
  await engine.edit(first.pairs.a, { op: 'set-elements', args });
  const { a, b } = first.pairs;
  const second = await engine.compare({ a, b, follows: first.id });
  expect(Array.from(second.since!.kept)).toEqual(Array.from(all, (pair) => (pair === edited ? -1 : pair)));
  expect(Array.from(second.since!.moved)).toEqual([...all]);
  // The engine knows what it kept: filters find it, and only the one pair is read.
  expect(await engine.filter(second.id, 'status:changed')).toHaveLength(17);
  await engine.scanPairs(second.id, all);
  expect(tasks).toBe(19);
  expect(await engine.filter(second.id, 'delta:>3.9 classifier')).toHaveLength(1);

  await engine.edit(b, { op: 'delete', args: { keys: ['classifier.1.weight'] } });
  const third = await engine.compare({ a, b, follows: second.id });
  const kept = Array.from(third.since!.kept);
  const [gone] = await engine.filter(third.id, 'classifier.1.weight');
  expect(kept.filter((pair) => pair < 0)).toHaveLength(1);
  expect(kept[gone!]).toBe(-1);
  expect(await verdictsBy(engine, third)).toMatchObject({ 'classifier.1.weight': 'removed' });
  expect(third.tree.flags[0]! & NODE_FLAG.editedBelow).not.toBe(0);
});

test('tensors are looked into for partners when that is asked, and can be left alone', async () => {
  const engine = createEngine();
  const a = await open(engine, 'public/examples/digits-final.safetensors');
  const b = await open(engine, 'public/examples/digits-final.pt');
  // Names that say nothing, and the shape of another: content alone can tell.
  await engine.edit(b.id, { op: 'rename', args: { key: 'features.1.running_var', to: 'q' } });
  await engine.edit(b.id, { op: 'rename', args: { key: 'features.1.weight', to: 'z' } });
  const request = { a: a.id, b: b.id, rules: [], pinned: [] };
  expect(await engine.forecastContents(request)).toEqual({ tensors: 4, bytes: 4 * 32 * 4 });
  const without = await engine.compare({ ...request, contents: false });
  const howOf = ({ how }: ComparedDocument['pairs']) => Array.from(how, (code) => PAIR_METHODS[code]);
  expect([without.byContent, howOf(without.pairs).includes('content')]).toEqual([false, false]);
  const progress: number[] = [];
  const asked = { ...request, contents: true, follows: without.id };
  const looked = await engine.compare(asked, { onProgress: ({ done, total }) => progress.push(done / total) });
  expect([looked.byContent, howOf(looked.pairs).filter((how) => how === 'content')]).toEqual([
    true,
    ['content', 'content'],
  ]);
  expect(progress.at(-1)).toBe(1);
  const cancelled = engine.compare(asked, { signal: AbortSignal.abort() });
  await expect(cancelled).rejects.toMatchObject({ info: { kind: 'cancelled' } });
});

test('a packed weight is set against the plain one of its name, and anew when its scales are edited', async () => {
  const engine = createEngine();
  const [packed, plain] = [
    await open(engine, 'src-core/fixtures/packed/gptq.safetensors'),
    await open(engine, 'src-core/fixtures/packed/decoded/gptq.safetensors'),
  ];
  const module = 'model.layers.2.self_attn.q_proj';
  const first = await engine.compare({ a: packed.id, b: plain.id });
  const [pair] = await engine.filter(first.id, `${module}.weight`);
  expect(await engine.keys(first.id, Uint32Array.of(pair!))).toEqual([`${module}.weight`]);
  expect(await engine.keys(packed.id, Uint32Array.of(first.pairs.rowA[pair!]!))).toEqual([`${module}.qweight`]);
  expect((await engine.pairValues({ comparison: first.id, pair: pair! })).comparison).toMatchObject({
    equal: true,
    count: 2048,
  });
  const edit = { op: 'set-elements', args: { key: `${module}.scales`, slice: '0, 3', values: 1 } };
  await engine.edit(packed.id, edit);
  const second = await engine.compare({ a: packed.id, b: plain.id, follows: first.id });
  expect(second.since?.kept[pair!] ?? -1).toBe(-1);
  const { comparison } = await engine.pairValues({ comparison: second.id, pair: pair! });
  // A group of 32 of one output channel.
  expect(comparison.changed).toBeGreaterThan(16);
  expect(comparison.changed).toBeLessThanOrEqual(32);
});
