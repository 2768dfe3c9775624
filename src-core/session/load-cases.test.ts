import { describe, expect, test } from 'vitest';
import { wordOutcome } from '../load/describe-report.ts';
import { POLICY_IDS } from '../load/report.ts';
import { readLoadCases, runLoadCase } from './load-cases.fixture.ts';

const CASES = readLoadCases();
/** Cases of the systems' own semantics that have to be there, whatever else is. */
const REQUIRED =
  'MF-06 MF-07 MF-09 MF-10 IX-11 IX-14 FX-16 FX-17 FX-24 MX-02 MX-03 MX-05 MX-06 MX-07 MX-08 MX-10 MX-12 MX-14 MX-15 MX-17 MX-19 ' +
  'CT-08 CT-09 CT-11 CT-13 CT-14 CT-17 PT-01 PT-02 PT-03 PT-05 PT-07 PT-09 PT-10 DS-03 DS-07';

describe('the cases', () => {
  test.each(CASES.map((one) => [one.id, one] as const))('%s', (_, one) => {
    const { raises, message, warnings, suggestions, mismatched, ...lists } = one.expect;
    const report = runLoadCase(one);
    expect(report.error?.type).toBe(raises);
    expect(wordOutcome(report)).toContain(message ?? '');
    if (message === undefined && warnings === undefined) expect(report.warnings).toEqual([]);
    if (warnings !== undefined) expect(report.warnings).toHaveLength(warnings);
    const names = ['missing', 'unexpected', 'added', 'partial'] as const;
    for (const name of names) if (lists[name] !== null) expect(report[name], name).toEqual(lists[name] ?? []);
    if (lists.assigned !== null) expect(report.assigned.map(({ target }) => target)).toEqual(lists.assigned ?? []);
    if (mismatched !== null) expect(report.mismatched.map(({ key, what }) => [key, what])).toEqual(mismatched ?? []);
    if (suggestions === null) return;
    const wanted = Object.entries(suggestions ?? {});
    expect(report.suggestions.map(({ key }) => key)).toEqual(wanted.map(([key]) => key));
    for (const { key, candidates } of report.suggestions)
      if (suggestions?.[key]) expect(candidates).toEqual(suggestions[key]);
  });
});

test('every case that has to be there is, and every policy has some', () => {
  const ids = new Set(CASES.map(({ id }) => id.split(' ')[0]));
  expect(REQUIRED.split(' ').filter((id) => !ids.has(id))).toEqual([]);
  expect(new Set(CASES.map(({ id }) => id)).size).toBe(CASES.length);
  const tried = new Set(CASES.map(({ policy }) => policy));
  expect(POLICY_IDS.filter((id) => !tried.has(id))).toEqual([]);
});
