import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { flowText } from './text-flow.ts';
import { readTokenizerJson } from './tokenizer-json.ts';

const TEXTS = ['The statement is true.', 'two  between   words', '日本語 🎉🎉 and more', 'café, naïve'];

test.each(['gpt2', 'llama2', 'llama3', 't5'])('tokens of %s that come one by one make the text', async (name) => {
  const file = join(import.meta.dirname, '../fixtures/tokens', name, 'tokenizer.json');
  const tokeniser = await readTokenizerJson(new Uint8Array(readFileSync(file)), file);
  for (const text of TEXTS) {
    const ids = tokeniser.encode(text);
    for (const cut of [0, 1, 3]) {
      const prompt = ids.slice(0, cut);
      const next = flowText(tokeniser, prompt);
      const parts = ids.slice(cut).map(next);
      expect(parts.join('')).not.toContain('\uFFFD');
      const start = tokeniser.decode(prompt);
      // A prompt that ends within a character has none of it.
      if (!start.endsWith('\uFFFD')) expect(start + parts.join('')).toBe(tokeniser.decode(ids));
    }
  }
});
