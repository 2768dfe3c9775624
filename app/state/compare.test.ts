import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createEngine } from '../engine/engine.ts';
import { currentLink } from './address-bar.ts';
import {
  compareWithSaved,
  comparisonOf,
  endComparing,
  pinPair,
  startComparing,
  swapSides,
  useCompare,
} from './compare.ts';
import { computationOf } from './computations.ts';
import { tryEdit } from './edits.ts';
import { engine, replaceEngine } from './engine.ts';
import { expandRow, explorerOf, selectNode } from './explorer.ts';
import { computePairValues, pairValuesKey } from './pair-values.ts';
import { deltasOf, openPairsBelow, scanPairs } from './pairs.ts';
import { takeSide } from './take-side.ts';
import { nodeAtPath } from './tree-labels.ts';
import { OPEN } from './tree-rows.ts';
import { watchComparing } from './watch-comparing.ts';
import { closeDocument, goTo, openOffer, reopenSaved, useWorkspace } from './workspace.ts';

/** A machine may have other things to do meanwhile. */
const WAIT = { timeout: 20_000 };

const EXAMPLES = join(import.meta.dirname, '../../public/examples');
let stop: (() => void) | undefined;

beforeEach(() => {
  replaceEngine(createEngine());
  stop = watchComparing();
});
afterEach(async () => {
  stop?.();
  endComparing();
  for (const { id } of useWorkspace.getState().documents) await closeDocument(id);
  useWorkspace.setState({ awaited: {}, notices: [] });
});

async function openBoth(a: string, b: string) {
  const files = [a, b].map((name) => {
    const bytes = new Uint8Array(readFileSync(join(EXAMPLES, name)));
    return { path: name, handle: { kind: 'buffer' as const, bytes, name } };
  });
  await openOffer({ title: 'both', files });
  return useWorkspace.getState().documents;
}

const shown = () => explorerOf(comparisonOf()!.id)!;
const place = (path: string) => nodeAtPath(comparisonOf()!.tree, path)!;

test('two that are opened together are offered, and compared where a person was', async () => {
  const [a, b] = await openBoth('digits-epoch1.safetensors', 'digits-final.pt');
  expect(useWorkspace.getState().together).toEqual([a!.id, b!.id]);
  selectNode(a!.id, nodeAtPath(a!.tree, 'features.3.weight')!);
  await startComparing({ a: a!.id, b: b!.id });
  expect(useWorkspace.getState().together).toEqual([]);
  expect(shown().selected).toBe(place('features.3.weight'));
});

test('what is gone to in one document is gone to in the comparison, and the other way round', async () => {
  const [a, b] = await openBoth('digits-epoch1.safetensors', 'digits-final.pt');
  await startComparing({ a: a!.id, b: b!.id });
  goTo(b!.id, nodeAtPath(b!.tree, 'classifier.1.weight')!, 'values');
  expect(shown()).toMatchObject({ selected: place('classifier.1.weight'), view: 'values' });
  expect(useCompare.getState().side).toBe('b');
  goTo(comparisonOf()!.id, place('features.1'));
  expect(explorerOf(a!.id)!.selected).toBe(nodeAtPath(a!.tree, 'features.1'));
  expect(explorerOf(b!.id)!.selected).toBe(nodeAtPath(b!.tree, 'features.1'));
  expect(useWorkspace.getState().active).toBe(b!.id);
  expect(currentLink()).toMatchObject({ document: a!.name, other: b!.name, key: 'features.1' });
});

test('sides are swapped in place; closing one ends it', async () => {
  const [a, b] = await openBoth('digits-epoch1.safetensors', 'digits-final.pt');
  await startComparing({ a: a!.id, b: b!.id });
  selectNode(comparisonOf()!.id, place('features.3.bias'));
  const before = comparisonOf()!.id;
  swapSides();
  await vi.waitFor(() => expect(comparisonOf()!.pairs).toMatchObject({ a: b!.id, b: a!.id }), WAIT);
  expect(shown().selected).toBe(place('features.3.bias'));
  // The one before is let go of.
  await expect(engine().keys(before, Uint32Array.of(0))).rejects.toThrow('it was closed');
  await closeDocument(b!.id);
  expect(useCompare.getState()).toMatchObject({ pair: null, comparison: null });
});

test('a link to a pair leads there once both are open', async () => {
  useWorkspace.setState({
    awaited: { document: 'digits-final.pt', other: 'digits-epoch1.safetensors', key: 'features.0.weight' },
  });
  await openBoth('digits-epoch1.safetensors', 'digits-final.pt');
  await vi.waitFor(() => expect(comparisonOf()).not.toBeNull(), WAIT);
  expect(comparisonOf()!.name).toBe('digits-final.pt ⇄ digits-epoch1.safetensors');
  expect(shown().selected).toBe(place('features.0.weight'));
  expect(useWorkspace.getState().awaited).toEqual({});
});

test('an edit is compared again, and a side can be taken', async () => {
  const [a, b] = await openBoth('support-desk-before.toml', 'support-desk-after.toml');
  await startComparing({ a: a!.id, b: b!.id });
  const differing = comparisonOf()!.pairs.differing[0]!;
  expect(differing).toBeGreaterThan(0);
  const first = comparisonOf()!;
  await takeSide(first, place('triage.instructions'), 'b');
  await vi.waitFor(() => expect(comparisonOf()).not.toBe(first), WAIT);
  expect(comparisonOf()!.pairs.differing[0]).toBe(differing - 1);
  expect(useWorkspace.getState().notices).toEqual([]);
});

test('an edit leaves what is open, selected and compared of the rest', async () => {
  const [a, b] = await openBoth('digits-epoch1.safetensors', 'digits-final.pt');
  await startComparing({ a: a!.id, b: b!.id });
  const first = comparisonOf()!;
  await scanPairs(first, 0, 'all', false);
  const bias = first.tree.entry[place('classifier.1.bias')]!;
  await computePairValues(first, { pair: bias }, 'bias', false);
  const other = first.tree.entry[place('classifier.3.bias')]!;
  expandRow(first.id, place('features'), false);
  selectNode(first.id, place('classifier.1.bias'));
  const args = { key: 'classifier.3.bias', slice: '0', values: 4 };
  await tryEdit(a!.id, { op: 'set-elements', args });
  await vi.waitFor(() => expect(comparisonOf()).not.toBe(first), WAIT);
  const second = comparisonOf()!;
  expect(shown().selected).toBe(place('classifier.1.bias'));
  expect(shown().open[place('features')]! & OPEN.expanded).toBe(0);
  expect(shown().open[place('classifier')]! & OPEN.expanded).toBe(OPEN.expanded);
  expect(deltasOf(second).numberOf(bias, 'delta')).toBe(deltasOf(first).numberOf(bias, 'delta'));
  expect(deltasOf(second).has(other)).toBe(false);
  expect(computationOf(pairValuesKey(second, { pair: bias }))).toMatchObject({ status: 'done' });
  // What was summed up before holds of what is known now.
  expect(Array.from(openPairsBelow(second, 0))).toEqual([other]);
  await scanPairs(second, 0, 'all', false);
  expect(deltasOf(second).numberOf(other, 'delta')).toBeGreaterThan(3.9);
});

test('what is saved and opened again in its place is compared still', async () => {
  const [a, b] = await openBoth('support-desk-before.toml', 'support-desk-after.toml');
  await startComparing({ a: a!.id, b: b!.id });
  selectNode(comparisonOf()!.id, place('triage.instructions'));
  const bytes = new Uint8Array(readFileSync(join(EXAMPLES, a!.name)));
  await reopenSaved(a!.id, [{ path: a!.name, handle: { kind: 'buffer', bytes, name: a!.name } }], undefined);
  await vi.waitFor(() => expect(comparisonOf()!.pairs.a).not.toBe(a!.id), WAIT);
  expect(comparisonOf()!.pairs.b).toBe(b!.id);
  expect(shown().selected).toBe(place('triage.instructions'));
});

test('a pin of what is gone is let go of', async () => {
  const [a, b] = await openBoth('support-desk-before.toml', 'support-desk-after.toml');
  await startComparing({ a: a!.id, b: b!.id }, { rules: [], pinned: [['triage.no_more', null]] });
  expect(comparisonOf()!.pairs.count).toBe(55);
  expect(useCompare.getState().wishes.pinned).toEqual([]);
  expect(useWorkspace.getState().notices).toEqual([]);
});

test('a person decides who goes with whom, and takes it back', async () => {
  const [a, b] = await openBoth('support-desk-before.toml', 'support-desk-after.toml');
  await startComparing({ a: a!.id, b: b!.id });
  const count = comparisonOf()!.pairs.count;
  pinPair('triage.instructions', null);
  await vi.waitFor(() => expect(comparisonOf()!.pairs.count).toBe(count + 1), WAIT);
  pinPair('triage.instructions', 'triage.instructions');
  await vi.waitFor(() => expect(comparisonOf()!.pairs.count).toBe(count), WAIT);
  expect(useCompare.getState().wishes.pinned).toEqual([['triage.instructions', 'triage.instructions']]);
});

test('a document stands beside itself as it was read', async () => {
  const [, b] = await openBoth('digits-epoch1.safetensors', 'digits-final.safetensors');
  await tryEdit(b!.id, { op: 'rename', args: { key: 'features.0.weight', to: 'features.0.kernel' } });
  await compareWithSaved(b!);
  const { pairs, name } = comparisonOf()!;
  expect(name).toBe('digits-final.safetensors (saved) ⇄ digits-final.safetensors');
  expect(pairs.b).toBe(b!.id);
  expect(pairs.renamed[0]).toBe(1);
  expect(useWorkspace.getState().active).toBe(b!.id);
});
