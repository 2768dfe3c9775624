import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ASSUMPTION_NAMES } from '../../graph/assumptions.ts';
import { LOWERINGS } from '../../graph/registry.ts';

const DOCS = readFileSync(join(import.meta.dirname, '../../../docs/run.md'), 'utf8').replaceAll('\n', ' ');

test('docs/run.md names every kind of module that is computed, in order', () => {
  expect(DOCS).toContain(`${LOWERINGS.map(({ kind }) => kind).join(', ')}.`);
});

test('docs/run.md names every assumption', () => {
  expect(DOCS).toContain(`${ASSUMPTION_NAMES.map((name) => `\`${name}\``).join(', ')}.`);
});
