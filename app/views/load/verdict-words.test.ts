import { expect, test } from 'vitest';
import { LOAD_STATUSES, type LoadStatus } from '../../../src-core/index.ts';
import { type LoadVerdict, policyOf } from '../../state/load.ts';
import { ABOUT, SYSTEMS } from './policy-words.ts';
import { toneOfVerdict, wordVerdict } from './verdict-words.ts';

const NONE = Object.fromEntries(LOAD_STATUSES.map((status) => [status, 0])) as Record<LoadStatus, number>;

const verdict = (
  policy: LoadVerdict['policy'],
  change: Partial<LoadVerdict>,
  counts: Partial<LoadVerdict['counts']> = {},
): LoadVerdict => ({
  policy,
  raises: null,
  isWhole: false,
  assigned: 0,
  changed: 0,
  warnings: 0,
  ...change,
  counts: { ...NONE, ...counts },
});

const word = (one: LoadVerdict) => [toneOfVerdict(one, policyOf(one.policy)), wordVerdict(one, policyOf(one.policy))];

test('what is raised, of what, and what has changed by then', () => {
  const counts = { missing: 2, unexpected: 1, shape: 1 };
  expect(word(verdict('torch-strict', { raises: 'RuntimeError', assigned: 14, changed: 14 }, counts))).toEqual([
    'bad',
    'torch strict raises RuntimeError: 2 missing, 1 unexpected, 1 size mismatch; 14 tensors already changed by then',
  ]);
  expect(word(verdict('dspy', { raises: 'KeyError' }, { missing: 1 }))).toEqual([
    'bad',
    'DSPy raises KeyError: 1 missing; nothing has changed by then',
  ]);
});

test('a load that is whole is good, also where torch casts; a type that nobody looked at is not', () => {
  expect(word(verdict('torch-strict', { isWhole: true, assigned: 18 }, { dtype: 3 }))).toEqual([
    'good',
    'torch strict loads all 18 tensors: 3 cast',
  ]);
  expect(word(verdict('caten-silent', { isWhole: true, assigned: 1 }, { dtype: 1 }))).toEqual([
    'warn',
    'Caten :silent t loads the one tensor: 1 dtype mismatch',
  ]);
});

test('what is left is told', () => {
  expect(word(verdict('msgflux', { assigned: 40 }, { missing: 15, unexpected: 15 }))).toEqual([
    'warn',
    'msgflux loads 40 of 55 entries: 15 missing, 15 unexpected',
  ]);
});

test('every policy is in one system, and has its sentence', () => {
  expect(SYSTEMS.flatMap(([, policies]) => policies).sort()).toEqual(Object.keys(ABOUT).sort());
});
