import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fixture, ROOT, stateglass } from './stateglass.fixture.ts';

const TENSORS = fixture('slices/tensors.pt');
const golden = JSON.parse(readFileSync(`${TENSORS}.json`, 'utf8'));

/** The lines after the heading. */
const bodyOf = (out: string): string => out.slice(out.indexOf('\n') + 1).trimEnd();

test('show names the tensor and the part', async () => {
  const { out } = await stateglass('show', TENSORS, 'four', '--slice', '-1, 0, ::2');
  expect(out.split('\n')[0]).toBe('four  f32 [2×3×4×5]  slice [2×5]');
  expect(bodyOf(out)).toBe('[[0.5   0.625 0.75  0.875 1.   ]\n [1.75  1.875 2.    2.125 2.25 ]]');
});

test.each(['0,:,2:4', '...', '-1, ::-1, -1:0:-1'])('show --json --slice %s', async (text) => {
  for (const key of ['int16', 'float8_e5m2', 'complex64', 'bool']) {
    const { code, out } = await stateglass('show', TENSORS, key, '--json', '--slice', text);
    expect(code).toBe(0);
    const found = JSON.parse(out);
    const taken = golden.slices[key][text] ?? golden.slices[key][''];
    expect(Object.keys(found)).toEqual(['key', 'dtype', 'shape', 'slice', 'values']);
    expect(found).toMatchObject({ key, shape: [2, 3, 4] });
    const flat = found.values.flat(taken.shape.length - 1);
    const plain = key === 'complex64' ? flat.map(({ re, im }: { re: number; im: number }) => [re, im]) : flat;
    expect(plain.map((v: unknown) => JSON.stringify(v))).toEqual(
      taken.values.map((v: unknown) => JSON.stringify(v).replaceAll('"-0"', '0')),
    );
  }
});

test('show --json writes what JSON has no number for as text', async () => {
  const special = JSON.parse((await stateglass('show', TENSORS, 'special', '--json')).out);
  expect(special.values).toEqual([0, -0, 'Infinity', '-Infinity', 'NaN', Math.fround(1e-45)]);
  const wide = JSON.parse((await stateglass('show', TENSORS, 'wide', '--json')).out);
  expect(wide.values).toEqual([
    '9223372036854775807',
    '-9223372036854775808',
    '9007199254740993',
    '-9007199254740993',
    0,
    7,
  ]);
  const scalar = JSON.parse((await stateglass('show', TENSORS, 'scalar', '--json')).out);
  expect(scalar).toEqual({ key: 'scalar', dtype: 'f32', shape: [], slice: '', values: 2.5 });
});

test('show dequantises, and shows what is stored when asked', async () => {
  const path = fixture('slices/quantised.pt');
  const { codes, values } = JSON.parse(readFileSync(`${path}.json`, 'utf8')).quantised.quint8;
  const numbers = JSON.parse((await stateglass('show', path, 'quint8', '--json')).out);
  expect(numbers.raw).toBe(false);
  expect(numbers.values.flat()).toEqual(values);
  const stored = JSON.parse((await stateglass('show', path, 'quint8', '--json', '--raw')).out);
  expect(stored).toMatchObject({ raw: true });
  expect(stored.values.flat()).toEqual(codes);
});

test('show prints text and JSON of what is no tensor', async () => {
  const path = fixture('pytorch/leaves-allowed.pt');
  expect((await stateglass('show', path, 'config.name')).out).toBe('x\n');
  expect((await stateglass('show', path, 'config.big')).out).toBe(`${2n ** 70n}\n`);
  const big = JSON.parse((await stateglass('show', path, 'config.big', '--json')).out);
  expect(big).toEqual({ key: 'config.big', type: 'int', value: String(2n ** 70n) });
  expect((await stateglass('show', path, 'config.name', '--slice', '0')).code).toBe(2);
});

test('show explains what cannot be done and exits with 2', async () => {
  const lost = await stateglass('show', TENSORS, 'permutd');
  expect(lost).toMatchObject({ code: 2, out: '' });
  expect(lost.err).toBe('permutd: no such key in tensors.pt, which has 43; did you mean permuted?\n');
  const slice = await stateglass('show', TENSORS, 'four', '--slice', '0,7', '--json');
  expect(slice.code).toBe(2);
  expect(JSON.parse(slice.out)).toMatchObject({ error: { kind: 'bad-input', at: 2 } });
  const meta = await stateglass('show', fixture('pytorch/meta.pt'), 'meta');
  expect(meta).toMatchObject({ code: 2, err: 'meta: it is declared without data\n' });
});

test('a reader that has seen enough is no error', async () => {
  const command = `node ${join(ROOT, 'tools/cli.mjs')} ls --json ${fixture('safetensors/many.safetensors')} | head -c 20`;
  const { out, err } = await new Promise<{ out: string; err: string }>((resolve) => {
    execFile('sh', ['-c', command], (_, out, err) => resolve({ out, err }));
  });
  expect(out).toHaveLength(20);
  expect(err).toBe('');
});

test('show unpacks a packed weight, and shows its codes when asked', async () => {
  const [path, key] = [fixture('packed/gptq.safetensors'), 'model.layers.2.self_attn.q_proj'];
  const decoded = await stateglass('show', fixture('packed/decoded/gptq.safetensors'), `${key}.weight`, '--json');
  const seen = JSON.parse((await stateglass('show', path, `${key}.qweight`, '--json')).out);
  expect(seen).toMatchObject({ dtype: 'f16', shape: [32, 64], packing: 'GPTQ, 4 bits, groups of 32', raw: false });
  expect(seen.values).toEqual(JSON.parse(decoded.out).values);
  const part = await stateglass('show', path, `${key}.qweight`, '--slice', ':2, :2');
  expect(part.out).toContain(`${key}.qweight  f16 [32×64]  slice [2×2]  unpacked from GPTQ, 4 bits, groups of 32\n`);
  const codes = JSON.parse((await stateglass('show', path, `${key}.qweight`, '--json', '--raw')).out);
  expect(codes).toMatchObject({ dtype: 'i32', shape: [8, 32], raw: true });
});
