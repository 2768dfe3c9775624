import { expect, test } from 'vitest';
import { previewRules } from './preview-rules.ts';
import { stateOf } from './states.fixture.ts';

test('what rules would pair, and what they leave', () => {
  const a = stateOf({ 'module.a.w': [1], 'module.b.w': [1], 'c.w': [1], d: [1], 'x.a.w': [1] });
  const b = stateOf({ 'a.w': [1], 'c.w': [1], 'e.w': [1] });
  expect(previewRules(a, b, [{ pattern: '^(?:module|x)\\.', to: '' }])).toEqual({
    shown: [
      { row: 0, from: 'module.a.w', to: 'a.w', isInB: true },
      { row: 1, from: 'module.b.w', to: 'b.w', isInB: false },
      { row: 4, from: 'x.a.w', to: 'a.w', isInB: true },
    ],
    renamed: 3,
    found: 2,
    collisions: ['a.w'],
    missing: 2,
  });
  expect(previewRules(a, b, [{ pattern: '(', to: '' }])).toMatchObject({ kind: 'bad-input' });
});
