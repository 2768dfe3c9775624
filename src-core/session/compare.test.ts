import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { nodeSource, openNodeHandle } from '../bytes/node.ts';
import { type Comparison, compareDocuments } from './compare.ts';
import { describePair } from './compared-entry.ts';
import type { Document } from './document.ts';
import { localPool } from './local-pool.ts';
import { openFiles } from './open.ts';

const ROOT = join(import.meta.dirname, '../..');
const EXAMPLES = join(ROOT, 'public/examples');
const pool = localPool(openNodeHandle);

async function open(path: string): Promise<Document> {
  const { documents } = await openFiles([{ id: path, source: await nodeSource(path) }]);
  return documents[0]!;
}
const openExample = (name: string) => open(join(EXAMPLES, name));

const entriesOf = (comparison: Comparison, a: Document, b: Document) =>
  Array.from(comparison.status, (_, i) => describePair(comparison, a, b, i));

test('without values no tensor is read', async () => {
  const [a, b] = [await openExample('digits-epoch1.safetensors'), await openExample('digits-final.pt')];
  const run = () => Promise.reject(new Error('a tensor was read'));
  const { summary, withValues } = await compareDocuments(a, b, { pool: { size: 1, run } });
  expect(summary).toEqual({ same: 18, changed: 0, added: 0, removed: 0, renamed: 0 });
  expect(withValues).toBe(false);
});

test('values without a pool are refused', async () => {
  const a = await openExample('digits-final.pt');
  await expect(compareDocuments(a, a, { values: true })).rejects.toThrow('give one');
});

const MIRROR = { same: 'same', changed: 'changed', renamed: 'renamed', added: 'removed', removed: 'added' } as const;

describe('A to B and B to A mirror', () => {
  it.each([
    ['digits-epoch1.pt', 'digits-final.safetensors'],
    ['support-desk-before.json', 'support-desk-after.toml'],
    ['support-desk-after.json', 'rag-program.json'],
    ['char-gpt.safetensors', 'digits-final.pt'],
  ])('%s and %s', async (nameA, nameB) => {
    const [a, b] = [await openExample(nameA), await openExample(nameB)];
    const options = { values: true, pool };
    const [there, back] = [await compareDocuments(a, b, options), await compareDocuments(b, a, options)];
    expect(back.summary).toEqual({ ...there.summary, added: there.summary.removed, removed: there.summary.added });
    const mirrored = entriesOf(back, b, a).map(({ status, keyA, keyB, confidence }) =>
      JSON.stringify({ status: MIRROR[status], keyA: keyB, keyB: keyA, confidence }),
    );
    const forward = entriesOf(there, a, b).map(({ status, keyA, keyB, confidence }) =>
      JSON.stringify({ status, keyA, keyB, confidence }),
    );
    expect(mirrored.sort()).toEqual(forward.sort());
  });
});

const FIXTURES = ['pytorch', 'safetensors', 'text'].flatMap((folder) =>
  readdirSync(join(ROOT, 'src-core/fixtures', folder), { withFileTypes: true })
    .filter(
      (file) =>
        file.isFile() &&
        !/\.json\.json$|\.(?:pt|pth|bin|tar|ckpt|safetensors|toml|jinja|yaml|txt)\.json$/.test(file.name),
    )
    .map((file) => join(folder, file.name)),
);

test.each(FIXTURES)('%s is the same as itself', async (name) => {
  const path = join(ROOT, 'src-core/fixtures', name);
  const [a, b] = [await open(path), await open(path)];
  const { summary, metadata } = await compareDocuments(a, b, { values: true, pool });
  const total = a.state.entries.length;
  expect(summary).toEqual({ same: total, changed: 0, added: 0, removed: 0, renamed: 0 });
  expect(metadata).toEqual([]);
});
