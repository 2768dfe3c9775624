import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bufferSource } from '../../bytes/buffer.ts';
import type { MetaItem } from '../../model/state-dict.ts';
import type { Document } from '../document.ts';
import { openFiles } from '../open.ts';
import { describeTokeniser, readTokeniser } from './tokeniser.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/gguf-tokens');

async function open(name: string): Promise<Document> {
  const bytes = new Uint8Array(readFileSync(join(FIXTURES, `${name}.gguf`)));
  const { documents } = await openFiles([{ id: `${name}.gguf`, source: bufferSource(bytes, `${name}.gguf`) }]);
  return documents[0]!;
}

/** With other metadata: undefined takes an item away. */
function change(document: Document, changes: Readonly<Record<string, MetaItem['value'] | undefined>>): Document {
  const { metadata } = document.state;
  const kept = metadata.filter(({ key }) => !(key in changes));
  const added = Object.entries(changes).flatMap(([key, value]) =>
    value ? [{ section: metadata[0]!.section, key, value }] : [],
  );
  return { ...document, state: { ...document.state, metadata: [...kept, ...added] } };
}
const text = (value: string) => ({ kind: 'string', value }) as const;

const goldenOf = (name: string) => JSON.parse(readFileSync(join(FIXTURES, `${name}.gguf.json`), 'utf8'));

interface Case {
  readonly text: string;
  readonly ids: readonly number[];
  readonly decoded: string;
}

describe.each(['sentence-pieces', 'spaced-pieces', 'unigram', 'word-pieces-bert', 'word-pieces-bert-cased'])(
  '%s',
  (name) => {
    const { entries, size } = goldenOf(name) as { entries: readonly Case[]; size: number };

    test('makes the tokens of the library that it comes from, and its text of them', async () => {
      const document = await open(name);
      expect(await describeTokeniser(document)).toEqual({ kind: 'gguf', size, example: 'The statement' });
      const tokeniser = (await readTokeniser(document))!;
      expect(tokeniser.size).toBe(size);
      expect(entries.length).toBeGreaterThan(30);
      for (const { text, ids, decoded } of entries) {
        expect(tokeniser.encode(text), JSON.stringify(text)).toEqual(ids);
        expect(tokeniser.decode(ids), JSON.stringify(text)).toBe(decoded);
      }
    });
  },
);

interface Cut {
  readonly pre: string;
  readonly ids: readonly (readonly number[])[];
  readonly decoded?: readonly string[];
}

test.each((goldenOf('byte-level').entries as readonly Cut[]).map((entry) => [entry.pre, entry] as const))(
  'bytes cut as %s does make the tokens of the library',
  async (pre, { ids, decoded }) => {
    const { texts, size } = goldenOf('byte-level') as { texts: readonly string[]; size: number };
    const document = change(await open('byte-level'), { 'tokenizer.ggml.pre': text(pre) });
    expect(await describeTokeniser(document)).toEqual({ kind: 'gguf', size, example: 'The statement' });
    const tokeniser = (await readTokeniser(document))!;
    for (const [i, written] of texts.entries()) {
      expect(tokeniser.encode(written), JSON.stringify(written)).toEqual(ids[i]);
      if (decoded) expect(tokeniser.decode(ids[i]!), JSON.stringify(written)).toBe(decoded[i]);
    }
  },
);
