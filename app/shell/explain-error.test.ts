import { expect, test } from 'vitest';
import type { ErrorInfo } from '../../src-core/index.ts';
import { explainError } from './explain-error.ts';

const file = 'model.pt';
const ERRORS: Readonly<{ [K in ErrorInfo['kind']]: Extract<ErrorInfo, { kind: K }> }> = {
  'unknown-format': { kind: 'unknown-format', file, head: Uint8Array.from([0x89, 0x50, 0x4e, 0x47]) },
  'not-a-model': {
    kind: 'not-a-model',
    file,
    what: 'a Git LFS pointer',
    advice: 'fetch the weights with git lfs pull',
  },
  malformed: { kind: 'malformed', file, format: 'safetensors', detail: 'the header is cut off', at: 1234 },
  unsupported: { kind: 'unsupported', file, format: 'zip', detail: 'it is encrypted' },
  limit: {
    kind: 'limit',
    file,
    limit: 'safetensorsHeaderBytes',
    value: 2 ** 40,
    max: 1e8,
    detail: 'the header is too long',
  },
  source: { kind: 'source', file, detail: 'the range came back short', status: 403 },
  'not-found': { kind: 'not-found', what: 'entry 7', detail: 'it was removed' },
  'bad-input': { kind: 'bad-input', detail: 'the bracket is not closed', at: 4 },
  template: { kind: 'template', reason: 'syntax', detail: 'a string is never closed', line: 3 },
  raised: { kind: 'raised', system: 'nnx', type: 'ValueError', detail: 'the filters are not exhaustive' },
  'not-runnable': {
    kind: 'not-runnable',
    path: 'h.0.mlp',
    why: 'its two layers do not fit',
    advice: 'Choose a module inside it',
  },
  cancelled: { kind: 'cancelled' },
  internal: { kind: 'internal', detail: 'x is undefined' },
};

test.each(Object.values(ERRORS))('$kind has a title and a whole sentence', (error) => {
  const words = explainError(error);
  expect(words.title).toMatch(/^[A-Z]/);
  expect(words.what).toMatch(/^[A-Z].*\.$/s);
  for (const text of [words.advice, words.where])
    if (text !== undefined) expect(text).not.toMatch(/undefined|NaN|\[object/);
});

test('what it is, where it broke and how large it asks to be are said', () => {
  expect(explainError(ERRORS.malformed).where).toBe('model.pt, byte 1,234');
  expect(explainError(ERRORS.limit).advice).toContain('1.10 TB');
  expect(explainError(ERRORS.limit).advice).toContain('100.0 MB');
  expect(explainError(ERRORS['unknown-format']).details).toContain('89 50 4e 47');
  expect(explainError(ERRORS['unknown-format']).details).toContain('·PNG');
  expect(explainError(ERRORS.source).title).toContain('403');
});
