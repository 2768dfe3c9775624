import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fixture, stateglass } from './stateglass.fixture.ts';

const FIELDS = 'key dtype shape count min max mean std absmax l1 l2 zeros nan posinf neginf quantiles'.split(' ');

/** Integers past 2^53 are texts; JSON as we write it has no negative zero. */
const wholeOr = (digits: string | undefined, value: number | undefined) =>
  digits !== undefined && !Number.isSafeInteger(Number(digits)) ? digits : value === undefined ? null : value + 0;

test('stats --json says of every tensor what NumPy says', async () => {
  const { code, out, err } = await stateglass('stats', fixture('stats/numbers.safetensors'), '--json');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const listed: Record<string, number>[] = JSON.parse(out);
  const golden = JSON.parse(readFileSync(fixture('stats/numbers.safetensors.json'), 'utf8'));
  expect(listed.length).toBe(golden.entries.length);
  for (const { key, stats } of golden.entries) {
    const row = listed.find((entry) => String(entry.key) === key) as Record<string, number>;
    expect(Object.keys(row)).toEqual(FIELDS);
    for (const name of ['count', 'zeros', 'nan', 'posinf', 'neginf']) expect(row[name], key).toBe(stats[name]);
    expect(row.min, key).toEqual(wholeOr(stats.minDigits, stats.min));
    expect(row.max, key).toEqual(wholeOr(stats.maxDigits, stats.max));
    if (stats.std !== undefined) {
      expect(Math.abs((row.mean ?? Number.NaN) - stats.mean)).toBeLessThanOrEqual(
        1e-6 * stats.std + 2 ** -52 * Math.abs(stats.mean),
      );
      expect(Math.abs((row.std ?? Number.NaN) - stats.std)).toBeLessThanOrEqual(1e-6 * stats.std);
    }
  }
});

test('stats are the same for any number of workers, and of what matches alone', async () => {
  const path = fixture('stats/views.pt');
  const [one, three] = await Promise.all([
    stateglass('stats', path, '--json', '--workers', '1'),
    stateglass('stats', path, '--json', '--workers', '3'),
  ]);
  expect(three.out).toBe(one.out);
  const halves = JSON.parse((await stateglass('stats', path, 'half', '--json')).out);
  expect(halves.map((row: { key: string }) => row.key)).toEqual([
    'half',
    'half-columns',
    'half-transposed',
    'half-expanded',
  ]);
});

test('stats as a table names what is not finite; bad options are one line', async () => {
  const { out } = await stateglass('stats', fixture('stats/numbers.safetensors'), 'special.f32');
  expect(out.trimEnd().split('\n')).toHaveLength(2);
  expect(out).toContain('special.f32  (1 NaN, 1 Inf, 1 -Inf)');
  const bad = await stateglass('stats', fixture('stats/views.pt'), '--workers', '0');
  expect(bad).toMatchObject({ code: 2, out: '' });
  expect(bad.err).toContain('--workers');
});

test('hash names content whatever the format', async () => {
  const [zip, legacy] = await Promise.all([
    stateglass('hash', fixture('pytorch/views.pt'), '--json'),
    stateglass('hash', fixture('pytorch/views-legacy.pt'), '--json'),
  ]);
  const [a, b] = [JSON.parse(zip.out), JSON.parse(legacy.out)];
  expect(a.content).toMatch(/^[0-9a-f]{64}$/);
  expect({ ...a, name: '' }).toEqual({ ...b, name: '' });
});
