import { expect, test } from 'vitest';
import { openNodeHandle } from '../bytes/node.ts';
import type { Edit } from '../model/edit.ts';
import { attachDonor } from './donors.ts';
import { FIXTURES, listAll, openFixture, reopen, saveAll } from './editing.fixture.ts';
import { applyEdit, type EditedDocument } from './edits.ts';
import { findKey } from './find-key.ts';
import { hashDocument } from './hash.ts';
import { localPool } from './local-pool.ts';
import { memorySink } from './memory-sink.fixture.ts';
import { planPatch } from './patch.ts';
import { PATCH_DONOR, readPatch } from './patch-file.ts';
import { requireFit } from './patch-fit.ts';
import { writePlan } from './write-plan.ts';

const pool = localPool(openNodeHandle);
const open = (path: string) => openFixture(FIXTURES.find((one) => one.path === path)!.fixture);
const edit = (document: EditedDocument, ...edits: readonly Edit[]) => edits.reduce(applyEdit, document);
const contentOf = async (document: EditedDocument) => (await hashDocument(document, pool)).content;

/** Written, and read again. */
async function patchOf(a: EditedDocument, b: EditedDocument): Promise<EditedDocument> {
  const sink = memorySink();
  await writePlan(await planPatch(a, b, { pool }), sink, openNodeHandle);
  return reopen(new Map([['patch.safetensors', sink.bytes()]]));
}

async function applyPatch(document: EditedDocument, patch: EditedDocument): Promise<EditedDocument> {
  const { needs, edits } = readPatch(patch);
  await requireFit(document.state, needs);
  return edit(attachDonor(document, PATCH_DONOR, patch), ...edits);
}

const CASES: readonly (readonly [from: string, to: string])[] = [
  ['text/agent-before.json', 'text/agent-after.json'],
  ['text/agent-after.json', 'text/agent-before.json'],
  ['text/agent-before.toml', 'text/agent-after.toml'],
  ['pytorch/tiny.pt', 'pytorch/tied.bin'],
  ['pytorch/tied.bin', 'safetensors/tiny.safetensors'],
  ['safetensors/tiny.safetensors', 'safetensors/special-values.safetensors'],
  ['safetensors/special-values.safetensors', 'safetensors/dtypes.safetensors'],
  ['pytorch/views.pt', 'pytorch/big-endian.pt'],
];

test.each(CASES)('a patch from %s to %s makes one the other, to the bit', async (from, to) => {
  const [a, b] = [await open(from), await open(to)];
  const made = await applyPatch(a, await patchOf(a, b));
  expect(await contentOf(made)).toBe(await contentOf(b));
  // The format of A has to hold what B has.
  if (a.state.format !== b.state.format) return;
  expect(await contentOf(await reopen(await saveAll(made)))).toBe(await contentOf(b));
});

test('names, few cells, ties and metadata', async () => {
  const a = await open('pytorch/tied.bin');
  const b = edit(
    a,
    { op: 'rename-rules', args: { rules: [{ pattern: '^block\\.', to: 'blocks.0.' }] } },
    { op: 'fill', args: { key: 'wte.weight', with: { constant: 0.1 } } },
  );
  const patch = await patchOf(a, b);
  // Of tied tensors the file holds one.
  expect(listAll(patch.state).map(({ key }) => key)).toEqual(['wte.weight']);
  const made = await applyPatch(a, patch);
  expect(await contentOf(made)).toBe(await contentOf(b));
  const storageOf = (key: string) => (findKey(made, key).value as { storage: number }).storage;
  expect(storageOf('wte.weight')).toBe(storageOf('lm_head.weight'));

  const plain = await open('safetensors/tiny.safetensors');
  const cells = edit(
    plain,
    { op: 'set-elements', args: { key: 'embed.weight', slice: '2, 3', values: '-0.0' } },
    { op: 'set-metadata', args: { key: 'note', text: 'x' } },
  );
  const small = await patchOf(plain, cells);
  expect(small.state.entries.length).toBe(0);
  expect(readPatch(small).edits).toMatchObject([
    { op: 'set-elements', args: { key: 'embed.weight', slice: '2, 3', values: '-0.0' } },
    { op: 'set-metadata', args: { key: 'note', text: 'x' } },
  ]);
  const patched = await applyPatch(plain, small);
  expect(await contentOf(patched)).toBe(await contentOf(cells));
  expect(patched.state.metadata).toEqual(cells.state.metadata);
});

test('what does not fit is told, and nothing is done', async () => {
  const a = await open('safetensors/tiny.safetensors');
  const fill = (key: string): Edit => ({ op: 'fill', args: { key, with: { constant: 2 } } });
  const b = edit(a, fill('h.0.bias'), fill('h.1.bias'), { op: 'duplicate', args: { key: 'h.0.bias', to: 'more' } });
  const patch = await patchOf(a, b);
  const other = edit(
    a,
    { op: 'rename', args: { key: 'h.0.bias', to: 'h.0.biases' } },
    { op: 'cast', args: { keys: ['h.1.bias'], dtype: 'f16' } },
    { op: 'duplicate', args: { key: 'h.2.bias', to: 'more' } },
  );
  await expect(applyPatch(other, patch)).rejects.toThrow(
    /does not fit in 3 of 3 places:\n {2}h\.0\.bias: no such key .*did you mean .*h\.0\.biases.*\n {2}h\.1\.bias is F16 \[4\] here, and F32 \[4\] where the patch was made\n {2}more, which the patch adds, is there already/i,
  );
  const text = await open('text/agent-before.json');
  const set = (to: string): Edit => ({ op: 'set-value', args: { key: 'triage.instructions', text: to } });
  const words = await patchOf(text, edit(text, set('new')));
  await expect(applyPatch(edit(text, set('own')), words)).rejects.toThrow(/triage\.instructions holds another text/);
  expect(() => readPatch(a)).toThrow(/is no patch/);
});

test('what a patch does not carry is refused by name', async () => {
  const [a, b] = [await open('pytorch/tiny.pt'), await open('pytorch/quantised.pt')];
  await expect(planPatch(a, b, { pool })).rejects.toThrow(/quantised|qint8|QINT8/);
});
