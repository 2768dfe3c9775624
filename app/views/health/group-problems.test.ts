import { expect, test } from 'vitest';
import type { Problem } from '../../../src-core/index.ts';
import { cutAtKey, groupProblems } from './group-problems.ts';

const problem = (code: string, severity: Problem['severity'], advice = 'Do.'): Problem => ({
  code,
  severity,
  message: `${code}.`,
  advice,
});

test('problems of a kind are one group, worst first, and what to do is said once where all say the same', () => {
  const groups = groupProblems([
    problem('dead-rows', 'note'),
    problem('nan', 'error'),
    problem('odd-shape', 'warning', 'One.'),
    problem('nan', 'error'),
    problem('odd-shape', 'warning', 'Other.'),
  ]);
  expect(groups.map(({ title, advice, problems }) => [title, advice, problems.length])).toEqual([
    ['NaN', 'Do.', 2],
    ['Odd shape', undefined, 2],
    ['Dead rows', 'Do.', 1],
  ]);
});

test.each([
  ['h.1.weight holds NaN.', 'h.1.weight', ['', ' holds NaN.']],
  ['All of h.1.weight are zero.', 'h.1.weight', ['All of ', ' are zero.']],
  ['Rows of h.1.weight.', 'h.1.weight', ['Rows of ', '.']],
  ['h.1.weight.x and xh.1.weight', 'h.1.weight', ['h.1.weight.x and xh.1.weight']],
  ['"b" overlaps "a".', 'b', ['', ' overlaps "a".']],
  ['It has a hole.', 'a', ['It has a hole.']],
])('the key in %j is found where it is one', (message, key, parts) => {
  expect(cutAtKey(message, key)).toEqual(parts);
});
