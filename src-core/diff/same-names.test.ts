import { expect, test } from 'vitest';
import { openPairing } from './pair.ts';
import { SameNames } from './same-names.ts';
import { stateOf } from './states.fixture.ts';

const open = openPairing(
  stateOf({
    'h.0.w': [1],
    'h.0.b': [1],
    'h.10.w': [1],
    'h.10.left': [1],
    'h.0.left': [2],
    w: [1],
    x12y3: [1],
    'é.w': [1],
  }),
  stateOf({ w: [1], 'é.w': [1], 'h.0.w': [1], 'h.0.b': [1], 'h.10.w': [1], x12y3: [1], 'é.other': [1] }),
);

test('counts modules that entries without a partner are in, on either side', () => {
  const { countModule } = new SameNames(open);
  expect(['h.0', 'h.10', 'é', ''].map(countModule)).toEqual([2, 1, 1, 0]);
});

test('counts patterns of names and of their modules', () => {
  const { countPattern } = new SameNames(open);
  expect(['h.#.w', 'h.#.b', 'h.#', 'w', 'x#y#', 'é.w', 'é'].map(countPattern)).toEqual([2, 1, 3, 1, 1, 1, 1]);
});
