import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Edit, MERGE_STATUSES } from '../../src-core/index.ts';
import type { EngineApi, OpenedDocument } from './api.ts';
import { createEngine } from './engine.ts';

const fixture = (path: string): string => join(import.meta.dirname, '../../src-core/fixtures', path);

async function open(engine: EngineApi, name: string, path: string): Promise<OpenedDocument> {
  const bytes = new Uint8Array(readFileSync(fixture(path)));
  const { documents } = await engine.open({ files: [{ path: name, handle: { kind: 'buffer', name, bytes } }] });
  return documents[0]!;
}

const fill = (key: string, constant: number): Edit => ({ op: 'fill', args: { key, with: { constant } } });

/** Three of one file, the sides with edits. */
async function openThree(path: string, ofA: readonly Edit[], ofB: readonly Edit[]) {
  const engine = createEngine();
  const ending = path.slice(path.lastIndexOf('.'));
  const names = ['base', 'a', 'b'].map((name) => name + ending);
  const [base, a, b] = (await Promise.all(names.map((name) => open(engine, name, path)))).map(({ id }) => id);
  for (const edit of ofA) await engine.edit(a!, edit);
  for (const edit of ofB) await engine.edit(b!, edit);
  const comparison = await engine.compare({ a: a!, b: b! });
  const pairOf = async (key: string) => (await engine.filter(comparison.id, `/^${key}$/`))[0]!;
  const nodeOf = async (key: string) => comparison.tree.nodeOfEntry[await pairOf(key)]!;
  const values = async (document: number, key: string) => {
    const [row] = await engine.filter(document, key);
    return Array.from<unknown>((await engine.values({ document, entry: row! })).values);
  };
  return { engine, base: base!, a: a!, b: b!, comparison, pairOf, nodeOf, values };
}

const names = { b: 'b.safetensors', base: 'base.safetensors' };

const threeOfTiny = () =>
  openThree(
    'safetensors/tiny.safetensors',
    [fill('h.0.bias', 1), fill('h.2.bias', 1), { op: 'delete', args: { keys: ['h.3.bias'] } }],
    [fill('h.0.bias', 3), fill('h.1.bias', 3), fill('h.2.bias', 1), { op: 'delete', args: { keys: ['h.3.bias'] } }],
  );

test('what the sides made of a base, by pair; filters ask for it', async () => {
  const { engine, base, comparison, pairOf } = await threeOfTiny();
  const ask = (query: string) => engine.filter(comparison.id, query);
  await expect(ask('conflict:true')).rejects.toThrow(/no base is chosen/);
  const three = await engine.threeWay({ comparison: comparison.id, base });
  const [both, byB, alike] = await Promise.all(['h.0.bias', 'h.1.bias', 'h.2.bias'].map(pairOf));
  expect([...(await ask('conflict:true'))]).toEqual([both]);
  expect([...(await ask('by:b'))]).toEqual([byB]);
  expect([...(await ask('by:both'))]).toEqual([alike]);
  expect(three.gone).toBe(1);
  expect(Array.from(three.status).filter((code) => MERGE_STATUSES[code] !== 'unchanged')).toHaveLength(3);
  // Without a base nobody knows who changed what: whatever differs has to be decided.
  const two = await engine.threeWay({ comparison: comparison.id });
  expect([two.status[both!], two.status[byB!], two.status[alike!]].map((code) => MERGE_STATUSES[code!])).toEqual([
    'conflict',
    'conflict',
    'unchanged',
  ]);
  await expect(ask('by:b')).rejects.toThrow(/no base is chosen/);
});

test('a side against the base: the values of both', async () => {
  const { engine, base, comparison, pairOf } = await threeOfTiny();
  const pair = await pairOf('h.1.bias');
  const asked = { comparison: comparison.id, pair };
  await expect(engine.pairValues({ ...asked, since: 'b' })).rejects.toThrow(/it has no base/);
  await engine.threeWay({ comparison: comparison.id, base });
  expect((await engine.pairValues({ ...asked, since: 'a' })).comparison.equal).toBe(true);
  const since = await engine.pairValues({ ...asked, since: 'b' });
  const both = await engine.pairValues(asked);
  expect(since.comparison.maxAbs).toBe(both.comparison.maxAbs);
  expect([since.known, both.known?.rows]).toEqual([undefined, Uint32Array.of(pair)]);
});

test('two documents become one, as edits of A: what is not decided stays as A has it, and is told', async () => {
  const { engine, base, a, b, comparison, pairOf, nodeOf, values } = await threeOfTiny();
  const request = { comparison: comparison.id, names, choices: [] };
  await expect(engine.planMerge(request)).rejects.toThrow(/not compared/);
  await engine.threeWay({ comparison: comparison.id, base });
  const open = await engine.planMerge(request);
  expect([...open.left]).toEqual([await pairOf('h.0.bias')]);
  expect(open.titles).toEqual(['Take h.1.bias from b.safetensors']);
  // The choice for the entry goes before that for all there is.
  const choices = [
    { node: 0, take: { kind: 'b' as const } },
    { node: await nodeOf('h.0.bias'), take: { kind: 'sum' as const, weight: 0.25 } },
  ];
  expect([...(await engine.planMerge({ ...request, choices })).left]).toEqual([]);
  const { log, decided } = await engine.merge({ ...request, choices });
  expect(log.edits.map(({ op }) => op)).toEqual(['fill', 'fill', 'delete', 'take', 'weighted-sum']);
  expect(decided).toEqual(['h.0.bias']);
  expect([await values(a, 'h.0.bias'), await values(a, 'h.1.bias')]).toEqual([
    [1.5, 1.5, 1.5, 1.5],
    [3, 3, 3, 3],
  ]);
  await expect(engine.merge({ ...request, choices })).rejects.toThrow(/not compared as they are now/);
  // Compared anew, what was decided is no conflict again.
  const next = await engine.compare({ a, b });
  await engine.threeWay({ comparison: next.id, base });
  expect(await engine.filter(next.id, 'conflict:true')).toHaveLength(1);
  const three = await engine.threeWay({ comparison: next.id, base, settled: decided });
  expect(await engine.filter(next.id, 'conflict:true')).toHaveLength(0);
  expect(three.settled.filter(Boolean)).toHaveLength(1);
  expect((await engine.planMerge({ ...request, comparison: next.id })).titles).toEqual([]);
  // What it took from stays with it.
  await Promise.all([engine.close(b), engine.close(base)]);
  expect(await engine.saveFiles(a)).toHaveLength(1);
});

test('texts that both changed in other lines are merged; in the same they are left, or marked', async () => {
  const set = (key: string, text: string): Edit => ({ op: 'set-value', args: { key, text } });
  const { engine, base, comparison, nodeOf } = await openThree(
    'text/agent-before.json',
    [set('triage.instructions', 'mine'), set('writer.instructions', 'mine')],
    [set('triage.instructions', 'theirs')],
  );
  const { id } = comparison;
  await engine.threeWay({ comparison: id, base });
  const request = { comparison: id, names, choices: [] };
  const node = await nodeOf('triage.instructions');
  expect(Array.from((await engine.planMerge(request)).left, (pair) => comparison.tree.nodeOfEntry[pair])).toEqual([
    node,
  ]);
  const marked = await engine.planMerge({ ...request, choices: [{ node, take: { kind: 'markers' } }] });
  expect([marked.left.length, marked.titles.length]).toEqual([0, 1]);
  // What cannot be summed stays open.
  const sum = await engine.planMerge({ ...request, rest: { kind: 'sum', weight: 0.5 } });
  expect(sum.left).toHaveLength(1);
});
