import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import { openNodeHandle } from '../bytes/node.ts';
import type { Edit } from '../model/edit.ts';
import { attachDonor } from './donors.ts';
import { FIXTURES, listAll, openFixture, reopen, saveAll } from './editing.fixture.ts';
import { applyEdit, type EditedDocument, startEditing } from './edits.ts';
import { findKey } from './find-key.ts';
import { hashDocument } from './hash.ts';
import { localPool } from './local-pool.ts';
import { type MergeOptions, type MergePlan, planMerge } from './merge.ts';
import { readMergeChoice } from './merge-choices.ts';
import { openFiles } from './open.ts';
import { checkSaved } from './save.ts';
import { compareThree } from './three-way.ts';
import { readValues } from './values.ts';

const pool = localPool(openNodeHandle);
const names = { b: 'b', base: 'base' };
const open = (path: string) => openFixture(FIXTURES.find((one) => one.path === path)!.fixture);
const edit = (document: EditedDocument, ...edits: readonly Edit[]) => edits.reduce(applyEdit, document);
const fill = (key: string, constant: number): Edit => ({ op: 'fill', args: { key, with: { constant } } });
const valuesOf = async (document: EditedDocument, key: string) =>
  Array.from<unknown>((await readValues(document, findKey(document, key).id)).values);
const keysOf = ({ state }: EditedDocument) => listAll(state).map(({ key }) => key);
const contentOf = async (document: EditedDocument) => (await hashDocument(document, pool)).content;

async function plan(
  base: EditedDocument | undefined,
  a: EditedDocument,
  b: EditedDocument,
  options: Partial<MergeOptions> & { readonly take?: readonly string[] } = {},
): Promise<MergePlan> {
  const three = await compareThree(base, a, b, { pool });
  const choices = options.take?.map(readMergeChoice);
  return planMerge(three, { base, a, b }, { ...options, ...(choices && { choices }), names });
}

async function merge(...args: Parameters<typeof plan>): Promise<EditedDocument> {
  const [base, a, b] = args;
  const { edits, conflicts } = await plan(...args);
  expect(conflicts).toEqual([]);
  const attached = attachDonor(base ? attachDonor(a, 'base', base) : a, 'b', b);
  const merged = edit(attached, ...edits);
  checkSaved(merged, await reopen(await saveAll(merged)));
  return merged;
}

/** Real files, and what is done to them; the first half by one, the second by the other. */
const CASES: readonly (readonly [path: string, edits: readonly Edit[]])[] = [
  [
    'safetensors/tiny.safetensors',
    [
      { op: 'rename-rules', args: { rules: [{ pattern: '^', to: 'module.' }] } },
      { op: 'add-tensor', args: { key: 'module.more', dtype: 'bf16', shape: [3], with: { constant: 2 } } },
    ],
  ],
  [
    'pytorch/tied.bin',
    [
      fill('wte.weight', 3),
      { op: 'rename', args: { key: 'wte.weight', to: 'embed.weight' } },
      { op: 'delete', args: { keys: ['lm_head.weight'] } },
    ],
  ],
  ['text/agent-before.json', [{ op: 'set-value', args: { key: 'triage.instructions', text: 'Be brief.\n' } }]],
  ['text/dspy-cot.json', [{ op: 'add-entry', args: { key: 'more.note', text: 'x' } }]],
];

test.each(CASES)('%s: where one side is the base, the merge is the other', async (path, edits) => {
  const base = await open(path);
  const side = edit(base, ...edits);
  expect((await plan(base, side, base)).edits).toEqual([]);
  const merged = await merge(base, base, side);
  expect(await contentOf(merged)).toBe(await contentOf(side));
  expect((await plan(base, side, side)).edits).toEqual([]);
});

test('each side did something else: names, values, texts', async () => {
  const base = await open('pytorch/tied.bin');
  const keys = keysOf(base);
  const a = edit(base, { op: 'rename-rules', args: { rules: [{ pattern: '^', to: 'gpt.' }] } });
  const b = edit(base, fill('wte.weight', 7), { op: 'delete', args: { keys: [keys.at(-1)!] } });
  for (const [mine, theirs] of [
    [a, b],
    [b, a],
  ] as const) {
    const merged = await merge(base, mine, theirs);
    expect(keysOf(merged).sort()).toEqual(
      keys
        .slice(0, -1)
        .map((key) => `gpt.${key}`)
        .sort(),
    );
    expect(new Set(await valuesOf(merged, 'gpt.wte.weight'))).toEqual(new Set([7]));
    expect(merged.log.edits.filter(({ op }) => op === 'rename')).toEqual([]);
  }
  const text = await open('text/agent-before.json');
  const lines = (findKey(text, 'writer.instructions').value as { text: string }).text.split('\n');
  const set = (to: readonly string[]): Edit => ({
    op: 'set-value',
    args: { key: 'writer.instructions', text: to.join('\n') },
  });
  const merged = await merge(text, edit(text, set(['First.', ...lines])), edit(text, set([...lines, 'Last.'])));
  expect((findKey(merged, 'writer.instructions').value as { text: string }).text).toBe(
    ['First.', ...lines, 'Last.'].join('\n'),
  );
});

test('a tie that one side undid is undone, and one that stays follows', async () => {
  const base = await open('pytorch/tied.bin');
  const untied = edit(base, { op: 'affine', args: { keys: ['wte.weight'], scale: 2, shift: 0, untie: true } });
  const merged = await merge(base, base, untied);
  expect(await valuesOf(merged, 'wte.weight')).toEqual(await valuesOf(untied, 'wte.weight'));
  expect(await valuesOf(merged, 'lm_head.weight')).toEqual(await valuesOf(base, 'lm_head.weight'));
  const both = await merge(base, base, edit(base, fill('wte.weight', 7)));
  expect(both.state.shares).toEqual(base.state.shares);
});

test('conflicts are told, and decided by the first choice that can be', async () => {
  const base = await open('safetensors/tiny.safetensors');
  const [first, second, third] = ['h.0.bias', 'h.1.bias', 'h.2.bias'] as const;
  const a = edit(base, fill(first, 1), fill(second, 1), { op: 'delete', args: { keys: [third] } });
  const b = edit(base, fill(first, 4), fill(second, 2), fill(third, 3));
  const { conflicts, counts } = await plan(base, a, b);
  expect(conflicts.map(({ key, kind }) => [key, kind])).toEqual([
    [first, 'changed'],
    [second, 'changed'],
    [third, 'deleted-in-a'],
  ]);
  expect(counts).toMatchObject({ conflict: 3, merged: 0 });
  const one = await merge(base, a, b, { take: [`${first}=weighted:0.25`, '*=average', '*=b'] });
  expect([(await valuesOf(one, first))[0], (await valuesOf(one, second))[0], (await valuesOf(one, third))[0]]).toEqual([
    1.75, 1.5, 3,
  ]);
  const other = await merge(base, a, b, { take: [`${third}=a`, `${second}=base`], rest: { kind: 'b' } });
  expect(keysOf(other)).not.toContain(third);
  expect(await valuesOf(other, second)).toEqual(await valuesOf(base, second));
  expect((await valuesOf(other, first))[0]).toBe(4);
  // A choice holds where there is no conflict too.
  const reverted = await merge(base, edit(base, fill(first, 1)), base, { take: [`${first}=base`] });
  expect(await contentOf(reverted)).toBe(await contentOf(base));
});

test('without a base whatever differs has to be decided', async () => {
  const a = await open('pytorch/tied.bin');
  const [first] = keysOf(a) as [string];
  const b = edit(a, fill(first, 1), { op: 'duplicate', args: { key: first, to: 'more' } });
  const { conflicts } = await plan(undefined, a, b);
  expect(new Set(conflicts.map(({ kind }) => kind))).toEqual(new Set(['differs', 'only-in-b']));
  expect(await contentOf(await merge(undefined, a, b, { take: ['*=b'] }))).toBe(await contentOf(b));
  expect((await plan(undefined, a, b, { take: ['*=a'] })).edits).toEqual([]);
  await expect(plan(undefined, a, b, { take: ['*=base'] })).rejects.toThrow(/there is no base/);
});

test('names that meet are a conflict, names that change places are none', async () => {
  const base = await open('safetensors/tiny.safetensors');
  const [first, second] = keysOf(base) as [string, string];
  const rename = (key: string, to: string): Edit => ({ op: 'rename', args: { key, to } });
  const meeting = await plan(base, edit(base, rename(first, 'same')), edit(base, rename(second, 'same')));
  expect(meeting.conflicts.map(({ kind }) => kind)).toEqual(['same-name']);
  const swapped = edit(base, rename(first, 'aside'), rename(second, first), rename('aside', second));
  const merged = await merge(base, base, swapped);
  expect(await contentOf(merged)).toBe(await contentOf(swapped));
});

test('lines in conflict, between markers when they are asked for', async () => {
  const base = await open('text/agent-before.json');
  const set = (text: string): Edit => ({ op: 'set-value', args: { key: 'triage.instructions', text } });
  const [was, a, b] = [edit(base, set('one\ntwo\n')), edit(base, set('one\nA\n')), edit(base, set('one\nB\n'))];
  expect((await plan(was, a, b)).conflicts).toMatchObject([{ key: 'triage.instructions', kind: 'changed' }]);
  const merged = await merge(was, a, b, { take: ['*=markers'] });
  const name = base.name;
  expect((findKey(merged, 'triage.instructions').value as { text: string }).text).toBe(
    `one\n<<<<<<< ${name}\nA\n||||||| ${name}\ntwo\n=======\nB\n>>>>>>> ${name}\n`,
  );
});

test('metadata is merged by item', async () => {
  const base = await open('safetensors/tiny.safetensors');
  const set = (key: string, text: string): Edit => ({ op: 'set-metadata', args: { key, text } });
  const [a, b] = [edit(base, set('x', '1'), set('y', '1')), edit(base, set('x', '2'), set('z', '2'))];
  expect((await plan(base, a, b)).conflicts).toEqual([{ key: 'x', kind: 'metadata' }]);
  const merged = await merge(base, a, b, { metadata: 'b' });
  const items = new Map(merged.state.metadata.map(({ key, value }) => [key, (value as { value: string }).value]));
  expect([items.get('x'), items.get('y'), items.get('z')]).toEqual(['2', '1', '2']);
});

test('LoRA updates are baked; what else the file holds has to be decided', async () => {
  const golden = JSON.parse(readFileSync(new URL('../fixtures/derived/merges.json', import.meta.url), 'utf8'));
  const found = golden.entries.find((one: { case: string }) => one.case.startsWith('kohya'));
  const openBytes = async (base64: string) => {
    const source = bufferSource(Uint8Array.from(Buffer.from(base64, 'base64')), 'a.safetensors');
    return startEditing((await openFiles([{ id: 'a.safetensors', source }])).documents[0]!);
  };
  const [a, lora] = [await openBytes(found.document), await openBytes(found.donors.style)];
  const merged = await merge(undefined, a, lora, { lora: {} });
  const baked = edit(attachDonor(a, 'style', lora), found.edit);
  expect(await contentOf(merged)).toBe(await contentOf(baked));
  const more = edit(lora, { op: 'add-tensor', args: { key: 'more', dtype: 'f32', shape: [1], with: { constant: 1 } } });
  expect((await plan(undefined, a, more, { lora: {} })).conflicts).toMatchObject([{ key: 'more', kind: 'only-in-b' }]);
});

test.each(['encoder', '=a', 'x=c', 'x=weighted:', 'x=weighted:a'])('no choice: %s', (text) => {
  expect(() => readMergeChoice(text)).toThrow(/is no choice: QUERY=a/);
});

test('a part of the conflicts is decided, line by line: the others stay as A has them, and are told', async () => {
  const base = await open('safetensors/tiny.safetensors');
  const a = edit(base, fill('h.0.bias', 1), fill('h.1.bias', 1), { op: 'delete', args: { keys: ['h.2.bias'] } });
  const b = edit(base, fill('h.0.bias', 3), fill('h.1.bias', 3), fill('h.2.bias', 3), fill('embed.weight', 2));
  const three = await compareThree(base, a, b, { pool });
  const lineOf = (key: string) => {
    const row = findKey(base, key).id;
    return three.rowBase.indexOf(row);
  };
  const choices = [{ lines: [lineOf('h.0.bias'), lineOf('h.2.bias')], take: { kind: 'b' } as const }];
  const options = { choices, partial: true, names };
  const found = planMerge(three, { base, a, b }, options);
  expect(found.conflicts).toMatchObject([{ key: 'h.1.bias', kind: 'changed' }]);
  expect([...found.decided].sort()).toEqual(['h.0.bias', 'h.2.bias']);
  const merged = edit(attachDonor(attachDonor(a, 'b', b), 'base', base), ...found.edits);
  const firsts = ['h.0.bias', 'h.1.bias', 'h.2.bias', 'embed.weight'].map((key) => valuesOf(merged, key));
  expect((await Promise.all(firsts)).map(([first]) => first)).toEqual([3, 1, 3, 2]);
});

test('who renamed an entry that stays keeps its name from what the other side adds', async () => {
  const base = await open('safetensors/tiny.safetensors');
  const rename = (to: string): Edit => ({ op: 'rename', args: { key: 'h.0.bias', to } });
  const a = edit(base, rename('h.0.offset'));
  const b = edit(base, rename('h.0.shift'), {
    op: 'add-tensor',
    args: { key: 'h.0.offset', dtype: 'f32', shape: [2], with: { constant: 1 } },
  });
  const three = await compareThree(base, a, b, { pool });
  const found = planMerge(three, { base, a, b }, { partial: true, names });
  expect(found.conflicts.map(({ key, kind }) => [key, kind])).toEqual([
    ['h.0.offset', 'renamed'],
    ['h.0.offset', 'same-name'],
  ]);
  expect(keysOf(edit(attachDonor(a, 'b', b), ...found.edits))).toEqual(keysOf(a));
});
