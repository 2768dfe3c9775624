import { expect, test } from 'vitest';
import { fixture, stateglass } from './stateglass.fixture.ts';

interface Listed {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly advice: string;
  readonly key?: string;
  readonly file?: string;
  readonly at?: number;
}

test('check names what is wrong, where, and what to do, and exits with 1', async () => {
  const path = fixture('health/damaged/nan/model.safetensors');
  const { code, out, err } = await stateglass('check', path);
  expect({ code, err }).toEqual({ code: 1, err: '' });
  expect(out).toContain('model.safetensors: 1 error (48 entries)');
  expect(out).toContain('error nan\n');
  expect(out).toContain('1 NaN among 128 values, the first at [5, 3]');
  expect(out).toContain('at model.layers.3.mlp.up_proj.weight');
  expect(out).toContain('Go back to a checkpoint');

  const json = await stateglass('check', path, '--json');
  expect(json.code).toBe(1);
  const [problem]: Listed[] = JSON.parse(json.out);
  expect(Object.keys(problem as Listed)).toEqual(['code', 'severity', 'message', 'advice', 'key']);
  expect(problem).toMatchObject({ code: 'nan', severity: 'error', key: 'model.layers.3.mlp.up_proj.weight' });
});

test('check --structure reads no value: what only values show is not found', async () => {
  const { code, out } = await stateglass('check', fixture('health/damaged/nan/model.safetensors'), '--structure');
  expect(code).toBe(0);
  expect(out).toBe('model.safetensors: nothing wrong found (48 entries, values not read)\n');
});

test('check takes the config beside a file, folders, and several files', async () => {
  const one = await stateglass('check', fixture('health/damaged/config-vocab/model.safetensors'), '--json');
  expect(one.code).toBe(1);
  expect(JSON.parse(one.out)).toMatchObject([{ code: 'config-shape', file: 'config.json' }]);
  const folder = await stateglass('check', fixture('health/clean/llama'), '--json');
  expect(folder).toEqual({ code: 0, out: '[]\n', err: '' });
  const cut = fixture('health/damaged/truncated/model.safetensors');
  const { code, out } = await stateglass('check', fixture('health/clean/vgg/model.pt'), cut, '--json', '--structure');
  expect(code).toBe(1);
  const found: Listed[] = JSON.parse(out);
  expect(found.map((problem) => problem.code)).toContain('truncated');
  expect(found.every(({ advice }) => advice.length > 0)).toBe(true);
});

test('notes alone exit with 0; what cannot be opened with 2', async () => {
  const notes = await stateglass('check', fixture('health/damaged/dead-rows/model.safetensors'), '--json');
  expect(notes.code).toBe(0);
  expect(JSON.parse(notes.out)).toMatchObject([{ code: 'dead-rows', severity: 'note' }]);
  const none = await stateglass('check', fixture('hostile/picture.png'));
  expect(none).toMatchObject({ code: 2, out: '' });
  expect(none.err.trim().split('\n')).toHaveLength(1);
});
