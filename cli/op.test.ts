import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ROOT, stateglass } from './stateglass.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'stateglass-op-'));
afterAll(() => rmSync(folder, { recursive: true }));
const args = join(folder, 'args.json');
const STATE = '{"a": {"$variable": "Param", "value": 1}, "b": {"$variable": "BatchStat", "value": 2}}';

test('op answers on one line, or for people', async () => {
  writeFileSync(args, `{"state": ${STATE}, "filters": ["Param", "..."]}`);
  const { code, out } = await stateglass('op', 'nnx.split_state', args, '--json');
  expect(code).toBe(0);
  expect(out.trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(out)).toEqual({
    result: [{ a: { $variable: 'Param', value: 1 } }, { b: { $variable: 'BatchStat', value: 2 } }],
    problems: [],
    error: null,
  });
  const shown = await stateglass('op', 'split_state', args);
  expect(JSON.parse(shown.out)).toEqual(JSON.parse(out).result);
  expect(shown.out.split('\n').length).toBeGreaterThan(1);
});

test('what the system would raise is an answer with exit code 1', async () => {
  writeFileSync(args, `{"state": ${STATE}, "filters": ["Param"]}`);
  const raised = await stateglass('op', 'nnx.split_state', args, '--json');
  expect(raised.code).toBe(1);
  expect(JSON.parse(raised.out)).toMatchObject({ result: null, error: { type: 'ValueError' } });
  const shown = await stateglass('op', 'nnx.split_state', args);
  expect(shown).toMatchObject({ code: 1, out: '' });
  expect(shown.err).toMatch(/^ValueError: Non-exhaustive filters/);
});

test('problems go to stderr, and the arguments may be the text itself', async () => {
  const { code, out, err } = await stateglass('op', 'caten.remap', '{"keys": {"a": 1, "b": 2}, "rules": [["b", "a"]]}');
  expect({ code, out }).toEqual({ code: 0, out: '{"a": 2}\n' });
  expect(err).toMatch(/^warning: Two paths have the key "a"/);
});

test('op reads standard input', async () => {
  const out = await new Promise<string>((resolve) => {
    const child = execFile('node', [join(ROOT, 'tools/cli.mjs'), 'op', 'caten.key', '-'], (_, text) => resolve(text));
    child.stdin?.end('{"path": ["C-ATTN", 0]}');
  });
  expect(out).toBe('"c_attn.0"\n');
});

test('op takes what a file holds: integers that flax wrote stay apart from texts', async () => {
  const state = { $file: join(ROOT, 'src-core/fixtures/flax/nnx-pure.msgpack') };
  const filters = [{ path_contains: 1 }];
  const { code, out } = await stateglass('op', 'nnx.filter_state', JSON.stringify({ state, filters }), '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out).result.layers.$dict[0][0]).toBe(1);
  const missing = await stateglass('op', 'nnx.filter_state', JSON.stringify({ state: { $file: '/none' }, filters }));
  expect([missing.code, missing.err]).toEqual([2, expect.stringContaining('/none')]);
});

test('op --list names every operation with its arguments', async () => {
  const listed = JSON.parse((await stateglass('op', '--list', '--json')).out);
  const merge = listed.find(({ id }: { id: string }) => id === 'nnx.merge_state');
  expect(merge).toMatchObject({ system: 'nnx', args: [{ name: 'states' }, { name: 'cls', optional: true }] });
  const { out } = await stateglass('op', '--list');
  for (const { id } of listed) expect(out).toContain(`${id}\n`);
});

test('arguments that make no sense exit with 2', async () => {
  expect(await stateglass('op', 'nnx.nothing', '{}')).toMatchObject({ code: 2, out: '' });
  const missing = await stateglass('op', 'nnx.diff', '{"state": {}}', '--json');
  expect(missing.code).toBe(2);
  expect(JSON.parse(missing.out)).toMatchObject({ error: { kind: 'bad-input' } });
  expect((await stateglass('op', 'nnx.diff', '/nowhere.json')).err).toBe(
    '/nowhere.json: the arguments cannot be read\n',
  );
  expect((await stateglass('op')).err).toContain('op --list');
});
