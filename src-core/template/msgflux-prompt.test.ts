import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assembleSystemPrompt, type MsgfluxParts } from './msgflux-prompt.ts';

interface Case {
  readonly parts: MsgfluxParts;
  readonly rendered: string;
}
const GOLDEN = join(import.meta.dirname, '../fixtures/templates/msgflux-prompts.json');
const { entries, version } = JSON.parse(readFileSync(GOLDEN, 'utf8')) as { entries: readonly Case[]; version: string };

test.each(entries)('an agent with $parts', ({ parts, rendered }) => {
  expect(assembleSystemPrompt(parts)).toBe(rendered);
});

test('the version that is named is the one it was compared with', () => {
  expect(version).toBe('0.5.1');
});
