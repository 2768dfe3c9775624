import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

test('stats --slice are those of a part of one tensor, whose key it takes', async () => {
  const path = fixture('stats/views.pt');
  const golden = JSON.parse(readFileSync(`${path}.json`, 'utf8'));
  const { slices } = golden.entries.find((entry: { key: string }) => entry.key === 'half-transposed');
  const { out } = await stateglass('stats', path, 'half-transposed', '--slice', '::2, 1:3', '--json');
  const [row] = JSON.parse(out);
  const { count, min, max, zeros } = slices['::2, 1:3'];
  expect(row).toMatchObject({ key: 'half-transposed', shape: [45, 2], slice: '0:89:2,1:3', count, min, max, zeros });
  const table = await stateglass('stats', path, 'half-transposed', '--slice', '0');
  expect(table.out).toContain('120 ');
  expect(table.out).toContain('half-transposed[0');
  const keyless = await stateglass('stats', path, '--slice', '0');
  expect(keyless).toMatchObject({ code: 2, err: '--slice needs the key of a tensor\n' });
});

test('stats of more than one task print the same bytes for any number of workers', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stateglass-stats-'));
  try {
    const path = join(folder, 'large.safetensors');
    await writeFile(path, makeLarge());
    const print = (workers: string) => stateglass('stats', path, '--json', '--workers', workers);
    const one = await print('1');
    expect(JSON.parse(one.out)).toMatchObject([{ count: LARGE / 4 }, { count: LARGE / 2 }]);
    for (const workers of ['2', '3']) expect((await print(workers)).out).toBe(one.out);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** Bytes of each of two tensors: two tasks and a bit. */
const LARGE = 2 * 2 ** 24 + 2 ** 16;

function makeLarge(): Uint8Array {
  const shape = (width: number) => [LARGE / width / 64, 64];
  const header = JSON.stringify({
    singles: { dtype: 'F32', shape: shape(4), data_offsets: [0, LARGE] },
    halves: { dtype: 'BF16', shape: shape(2), data_offsets: [LARGE, 2 * LARGE] },
  });
  const start = 8 + Math.ceil(header.length / 8) * 8;
  const file = Buffer.alloc(start + 2 * LARGE, ' ');
  file.writeBigUInt64LE(BigInt(start - 8));
  file.write(header, 8);
  const words = new Uint32Array(file.buffer, file.byteOffset + start, LARGE / 2);
  let state = 1;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    words[i] = state;
  }
  return file;
}

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

test('stats of a packed weight are those of the numbers it stands for, or of its codes', async () => {
  const [path, key] = [fixture('packed/gptq.safetensors'), 'model.layers.2.self_attn.q_proj'];
  const decoded = await stateglass('stats', fixture('packed/decoded/gptq.safetensors'), `${key}.weight`, '--json');
  const { key: _, ...right } = JSON.parse(decoded.out)[0];
  const [found] = JSON.parse((await stateglass('stats', path, `${key}.qweight`, '--json')).out);
  expect(found).toMatchObject({ ...right, packing: 'GPTQ, 4 bits, groups of 32' });
  const part = await stateglass('stats', path, `${key}.qweight`, '--slice', '0');
  expect(part.out).toMatch(/^f16 +64 .*unpacked from GPTQ, 4 bits, groups of 32/m);
  const [codes] = JSON.parse((await stateglass('stats', path, `${key}.qweight`, '--json', '--raw')).out);
  expect(codes).toMatchObject({ dtype: 'i32', shape: [8, 32] });
  expect(codes).not.toHaveProperty('packing');
});
