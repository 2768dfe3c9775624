import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeSource } from '../bytes/node.ts';
import { compareDocuments } from './compare.ts';
import { applyEdit, type EditedDocument, moveCursor, startEditing } from './edits.ts';
import { keptRows } from './kept-rows.ts';
import { openFiles } from './open.ts';
import { recompareDocuments } from './recompare.ts';

const EXAMPLES = join(import.meta.dirname, '../../public/examples');

async function open(name: string): Promise<EditedDocument> {
  const path = join(EXAMPLES, name);
  const { documents } = await openFiles([{ id: path, source: await nodeSource(path) }]);
  return startEditing(documents[0]!);
}

const rowOf = ({ state }: EditedDocument, key: string): number => {
  for (let row = 0; row < state.entries.length; row++) if (state.entries.at(row).key === key) return row;
  throw new Error(key);
};
const setBias = (value: number) => ({
  op: 'set-elements',
  args: { key: 'classifier.1.bias', slice: '0', values: value },
});

test('an edit of one tensor leaves the others what they were; renamed and moved ones too', async () => {
  const a = await open('digits-final.safetensors');
  const touched = rowOf(a, 'classifier.1.bias');
  const edited = applyEdit(a, setBias(1));
  const kept = keptRows(a.state, edited.state);
  expect([...kept].filter((row) => row < 0)).toHaveLength(1);
  expect(kept[touched]).toBe(-1);
  const renamed = applyEdit(edited, { op: 'rename', args: { key: 'features.0.weight', to: 'features.0.kernel' } });
  expect([...keptRows(edited.state, renamed.state)]).toEqual([...renamed.state.entries.columns().types.keys()]);
  const gone = applyEdit(a, { op: 'delete', args: { keys: [a.state.entries.at(0).key] } });
  expect([...keptRows(a.state, gone.state)]).toEqual(
    [...gone.state.entries.columns().types.keys()].map((row) => row + 1),
  );
});

test('an edit in the place of one that was undone is another', async () => {
  const first = applyEdit(await open('digits-final.safetensors'), setBias(1));
  const second = applyEdit(moveCursor(first, 0), setBias(2));
  const row = rowOf(first, 'classifier.1.bias');
  // The storage has the same number in both.
  expect(second.state.entries.at(row).value).toMatchObject({
    storage: (first.state.entries.at(row).value as { storage: number }).storage,
  });
  expect(keptRows(first.state, second.state)[row]).toBe(-1);
});

test('texts that become the same, or others, are judged anew as from the beginning', async () => {
  const [a, b] = [await open('support-desk-before.toml'), await open('support-desk-after.toml')];
  const comparison = await compareDocuments(a, b);
  const key = 'triage.instructions';
  const text = b.state.entries.at(rowOf(b, key)).value;
  if (text.type !== 'text') throw new Error('no text');
  const edited = applyEdit(a, { op: 'set-value', args: { key, text: text.text } });
  const again = recompareDocuments({ a, b, comparison }, edited, b);
  expect(again?.summary).toEqual((await compareDocuments(edited, b)).summary);
  expect(again?.summary.changed).toBe(comparison.summary.changed - 1);
});

test('another key, shape or number of entries is compared from the beginning', async () => {
  const [a, b] = [await open('digits-epoch1.safetensors'), await open('digits-final.safetensors')];
  const made = { a, b, comparison: await compareDocuments(a, b) };
  const edits = [
    { op: 'rename', args: { key: 'classifier.1.bias', to: 'classifier.1.shift' } },
    { op: 'reshape', args: { key: 'classifier.1.bias', shape: [2, 48] } },
    { op: 'cast', args: { keys: ['classifier.1.bias'], dtype: 'f16' } },
    { op: 'delete', args: { keys: ['classifier.1.bias'] } },
  ];
  for (const edit of edits) expect(recompareDocuments(made, applyEdit(a, edit), b), edit.op).toBeUndefined();
  expect(recompareDocuments(made, applyEdit(a, setBias(3)), b)).toBeDefined();
});

test('a partner that content found is looked for again', async () => {
  const b = await open('support-desk-before.toml');
  const a = applyEdit(b, { op: 'rename', args: { key: 'triage.instructions', to: 'words' } });
  const comparison = await compareDocuments(a, b);
  expect(comparison.summary.renamed).toBe(1);
  const edited = applyEdit(a, {
    op: 'set-value',
    args: { key: 'words', text: 'Other words.' },
  });
  expect(recompareDocuments({ a, b, comparison }, edited, b)).toBeUndefined();
});
