import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createEngine } from '../engine/engine.ts';
import { currentLink } from './address-bar.ts';
import { chooseBase, clearBase } from './base.ts';
import { chooseDocument, comparisonOf, endComparing, startComparing, useCompare } from './compare.ts';
import { computationOf } from './computations.ts';
import { editLogOf, moveEdits, tryEdit, undo } from './edits.ts';
import { engine, replaceEngine } from './engine.ts';
import { explorerOf, setFilter } from './explorer.ts';
import { mergeIntoA, planMerging, resolveNode, setRest, takesFor, useMerging } from './merging.ts';
import { type ThreeWayFound, threeWayKey, verdictOfMerge, watchThreeWay } from './three-way.ts';
import { nodeAtPath } from './tree-labels.ts';
import { watchComparing } from './watch-comparing.ts';
import { closeDocument, openOffer, useWorkspace } from './workspace.ts';

/** A machine may have other things to do meanwhile. */
const WAIT = { timeout: 20_000 };

const FIXTURES = join(import.meta.dirname, '../../src-core/fixtures');
let stops: readonly (() => void)[] = [];

beforeEach(() => {
  replaceEngine(createEngine());
  stops = [watchComparing(), watchThreeWay()];
});
afterEach(async () => {
  for (const stop of stops) stop();
  endComparing();
  for (const { id } of useWorkspace.getState().documents) await closeDocument(id);
  useWorkspace.setState({ awaited: {}, notices: [] });
});

/** Opens the fixture under a name of its own. */
async function open(name: string) {
  const bytes = new Uint8Array(readFileSync(join(FIXTURES, 'safetensors/tiny.safetensors')));
  await openOffer({ title: name, files: [{ path: name, handle: { kind: 'buffer', bytes, name } }] });
  return useWorkspace.getState().documents.find((document) => document.name === name)!.id;
}

const fill = (id: number, key: string, constant: number) =>
  tryEdit(id, { op: 'fill', args: { key, with: { constant } } });

/** Both filled h.0.bias in another way; only B h.1.bias. */
async function compareThree() {
  const [base, a, b] = [await open('base.safetensors'), await open('a.safetensors'), await open('b.safetensors')];
  await fill(a, 'h.0.bias', 1);
  await fill(b, 'h.0.bias', 3);
  await fill(b, 'h.1.bias', 3);
  await startComparing({ a, b });
  return { base, a, b };
}

const found = (): ThreeWayFound | undefined => computationOf<ThreeWayFound>(threeWayKey(comparisonOf()!))?.value;
const node = (path: string) => nodeAtPath(comparisonOf()!.tree, path)!;
const statusOf = (path: string) => verdictOfMerge(found()!, comparisonOf()!.tree.entry[node(path)]!).status;

test('a base says who changed what; a filter finds it; without one again nobody knows', async () => {
  const { base, a, b } = await compareThree();
  chooseBase(base);
  await vi.waitFor(() => expect(found()?.base).toBe(base), WAIT);
  expect(found()!.counts).toMatchObject({ a: 0, b: 1, conflict: 1 });
  expect([statusOf('h.0.bias'), statusOf('h.1.bias')]).toEqual(['conflict', 'b']);
  expect([found()!.conflictsBelow[node('h.0')], found()!.conflictsBelow[node('h.1')]]).toEqual([1, 0]);
  setFilter(comparisonOf()!.id, 'conflict:true');
  await vi.waitFor(() => expect(explorerOf(comparisonOf()!.id)!.matches).toHaveLength(1), WAIT);
  expect(currentLink()).toMatchObject({ document: 'a.safetensors', other: 'b.safetensors', base: 'base.safetensors' });
  // A side's own document changes places with the base.
  chooseBase(a);
  await vi.waitFor(() => expect(comparisonOf()!.pairs).toMatchObject({ a: base, b }), WAIT);
  await vi.waitFor(() => expect(found()?.base).toBe(a), WAIT);
  expect(found()!.counts).toMatchObject({ conflict: 1, b: 1 });
  chooseDocument('a', a);
  await vi.waitFor(() => expect(comparisonOf()!.pairs.a).toBe(a), WAIT);
  expect(useCompare.getState().base).toBe(base);
  await vi.waitFor(() => expect(found()?.base).toBe(base), WAIT);
  const before = comparisonOf();
  clearBase();
  await vi.waitFor(() => expect(comparisonOf()).not.toBe(before), WAIT);
  expect(useCompare.getState().base).toBeNull();
  await expect(engine().filter(comparisonOf()!.id, 'conflict:true')).rejects.toThrow('no base is chosen');
});

test('a merge is planned as it is decided, made as edits of A, and undone', async () => {
  const { base, a } = await compareThree();
  chooseBase(base);
  await vi.waitFor(() => expect(found()?.base).toBe(base), WAIT);
  const plan = async () => {
    const planned = await planMerging(comparisonOf()!);
    return 'forecast' in planned ? planned.forecast : planned.wrong;
  };
  expect(takesFor(comparisonOf()!, node('h.0.bias'))).toEqual(['a', 'b', 'base', 'average', 'sum']);
  expect(await plan()).toMatchObject({ titles: ['Take h.1.bias from b.safetensors'], decided: 0 });
  resolveNode(comparisonOf()!, node('h.0.bias'), { take: 'sum', share: 'a half' });
  expect(await plan()).toBe('share of B: a half is no number');
  resolveNode(comparisonOf()!, node('h.0.bias'), { take: 'sum', share: '0.25' });
  expect(await plan()).toMatchObject({ decided: 1, left: new Uint32Array() });
  const first = comparisonOf();
  await mergeIntoA(comparisonOf()!);
  expect(editLogOf(a).edits.map(({ op }) => op)).toEqual(['fill', 'take', 'weighted-sum']);
  expect(useMerging.getState().choices).toEqual({});
  // Compared again, nothing is left to decide; when the sum is undone, it is.
  await vi.waitFor(() => expect(comparisonOf()).not.toBe(first), WAIT);
  await vi.waitFor(() => expect(found()?.counts).toMatchObject({ conflict: 0 }), WAIT);
  expect(verdictOfMerge(found()!, comparisonOf()!.tree.entry[node('h.0.bias')]!).isSettled).toBe(true);
  await undo(a);
  await vi.waitFor(() => expect(found()?.counts).toMatchObject({ conflict: 1 }), WAIT);
  await moveEdits(a, () => 1);
  await vi.waitFor(() => expect(found()?.counts).toMatchObject({ conflict: 1, b: 1 }), WAIT);
});

test('what nobody decides stays a conflict; a wish for all of them decides the rest', async () => {
  const { base, a } = await compareThree();
  chooseBase(base);
  await vi.waitFor(() => expect(found()?.base).toBe(base), WAIT);
  const first = comparisonOf();
  await mergeIntoA(first!);
  expect(editLogOf(a).edits.map(({ op }) => op)).toEqual(['fill', 'take']);
  await vi.waitFor(() => expect(comparisonOf()).not.toBe(first), WAIT);
  await vi.waitFor(() => expect(found()?.counts).toMatchObject({ conflict: 1, both: 1 }), WAIT);
  setRest({ take: 'b', share: '' });
  await mergeIntoA(comparisonOf()!);
  await vi.waitFor(() => expect(found()?.counts).toMatchObject({ conflict: 0, both: 2 }), WAIT);
});

test('a third document does not end a comparison: it is asked about, or is the base at once', async () => {
  const { base } = await compareThree();
  const third = await open('third.safetensors');
  expect(useCompare.getState()).toMatchObject({ arrived: third, base: null });
  expect(useWorkspace.getState().active).toBe(comparisonOf()!.pairs.b);
  chooseBase(third);
  expect(useCompare.getState()).toMatchObject({ arrived: null, base: third });
  useCompare.setState({ awaitsBase: true });
  const fourth = await open('fourth.safetensors');
  expect(useCompare.getState()).toMatchObject({ arrived: null, base: fourth, awaitsBase: false });
  await closeDocument(fourth);
  expect(useCompare.getState().base).toBeNull();
  expect(comparisonOf()).not.toBeNull();
  await closeDocument(base);
});

test('a link to three documents leads to what was made of the base', async () => {
  useWorkspace.setState({
    awaited: { document: 'a.safetensors', other: 'b.safetensors', base: 'base.safetensors', key: 'h.0.bias' },
  });
  await open('a.safetensors');
  await open('b.safetensors');
  await vi.waitFor(() => expect(comparisonOf()).not.toBeNull(), WAIT);
  const base = await open('base.safetensors');
  await vi.waitFor(() => expect(useCompare.getState().base).toBe(base), WAIT);
  expect(useCompare.getState().arrived).toBeNull();
  expect(explorerOf(comparisonOf()!.id)!.selected).toBe(node('h.0.bias'));
});
