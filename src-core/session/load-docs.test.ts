import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeReport } from '../load/describe-report.ts';
import { MISMATCHES } from '../load/report.ts';
import { readLoadCases, runLoadCase } from './load-cases.fixture.ts';
import { listLoadPolicies } from './plan-load.ts';

const DOCS = readFileSync(join(import.meta.dirname, '../../docs/load.md'), 'utf8');

test('docs/load.md has the table of policies', () => {
  const rows = listLoadPolicies().map(
    ({ id, missing, unexpected, shape, dtype, match, atomic }) =>
      `| \`${id}\` | ${[missing, unexpected, shape, dtype, match, atomic ? 'yes' : 'no'].join(' | ')} |`,
  );
  const table = DOCS.split('\n').filter((line) => line.startsWith('| `'));
  expect(table).toEqual(rows);
});

test('docs/load.md names the members of a report and the kinds of mismatch', () => {
  const [first] = readLoadCases();
  if (!first) throw new Error('no cases');
  expect(DOCS).toContain(`\`{${Object.keys(describeReport(runLoadCase(first))).join(', ')}}\``);
  const words = DOCS.replaceAll('\n', ' ');
  expect(words).toContain(`is ${MISMATCHES.slice(0, -1).join(', ')} or ${MISMATCHES.at(-1)}`);
});
