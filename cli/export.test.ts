import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fixture, ROOT, stateglass } from './stateglass.fixture.ts';

const TENSORS = fixture('slices/tensors.pt');
const TINY = fixture('safetensors/tiny.safetensors');
let folder = '';
const at = (name: string): string => join(folder, name);
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stateglass-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('export writes a whole file as the library wrote it, in one line', async () => {
  const ran = await stateglass('export', TINY, '-o', at('tiny.safetensors'));
  expect(ran).toEqual({ code: 0, out: `${at('tiny.safetensors')}: 29 tensors, 2631 bytes (safetensors)\n`, err: '' });
  expect(sha(await readFile(at('tiny.safetensors')))).toBe(sha(await readFile(TINY)));
});

test('export writes a slice as np.save does', async () => {
  const { slices } = JSON.parse(await readFile(fixture('export/npy-of-tensors.json'), 'utf8'));
  const text = '-1, ::-1, -1:0:-1';
  const ran = await stateglass('export', TENSORS, 'int16', '-o', at('part.npy'), '--slice', text);
  expect(ran.code).toBe(0);
  expect(sha(await readFile(at('part.npy')))).toBe(slices.int16[text]);
});

test('export takes a key with any characters, a module, or a filter', async () => {
  const odd = fixture('safetensors/odd-keys.safetensors');
  const { entries } = JSON.parse(await readFile(`${odd}.json`, 'utf8'));
  const strange = entries.map(({ key }: { key: string }) => key).filter((key: string) => /[*/"[: ]/.test(key));
  expect(strange.length).toBeGreaterThan(3);
  for (const key of strange)
    expect((await stateglass('export', odd, key, '-o', at('odd.npz'), '--force')).out, key).toContain(': 1 tensor,');
  const countOf = async (query: string) =>
    /: (\d+) tensor/.exec((await stateglass('export', TINY, query, '-o', at('q.safetensors'), '--force')).out)?.[1];
  expect(await countOf('h.1')).toBe('2');
  expect(await countOf('h.*.bias')).toBe('12');
});

test('export refuses, says what to do, and leaves nothing behind', async () => {
  const before = await readdir(folder);
  const refusals: readonly (readonly [string[], number, string])[] = [
    [[TENSORS, 'bfloat16', '-o', at('b.npy')], 2, 'bfloat16: NumPy: no element type bf16; as f32'],
    [[TENSORS, '-o', at('b.csv')], 2, 'CSV'],
    [[TINY, 'nothing-like-it', '-o', at('b.npz')], 1, 'Nothing in'],
    [[TINY, '-o', at('b.zip')], 2, 'has to end with .safetensors, .pt, .gguf, .npz, .npy, .msgpack, .csv'],
    [[TINY, '-o', at('tiny.safetensors')], 2, 'is there already; --force replaces it'],
    [[TINY, 'h', '-o', at('no/such/folder.npz')], 2, 'there is no such folder'],
    [[TINY], 2, 'say where to: -o FILE'],
    [[TINY, '-o', at('b.npz'), '--as', 'i8'], 2, '--as takes f32'],
    [[TINY, 'h', '-o', at('b.npz'), '--slice', '0'], 2, 'a slice is of one tensor, and 24 are chosen'],
  ];
  for (const [args, code, message] of refusals) {
    const ran = await stateglass('export', ...args);
    expect([ran.code, ran.out], message).toEqual([code, '']);
    expect(ran.err).toContain(message);
  }
  expect((await readdir(folder)).sort()).toEqual(before.sort());
});

test('export tells what is lost on stderr', async () => {
  const ran = await stateglass('export', fixture('pytorch/optimizer.pt'), '-o', at('o.npz'));
  expect(ran.code).toBe(0);
  expect(ran.err).toMatch(/^warning: \d+ entries are no tensors and are left out: /m);
});

test('a stopped export leaves neither the file nor a part of it', async () => {
  const header = '{"w":{"dtype":"F32","shape":[200000000],"data_offsets":[0,800000000]}}  ';
  const start = Buffer.alloc(8 + header.length);
  start.writeBigUInt64LE(BigInt(header.length));
  start.write(header, 8);
  await writeFile(at('big.safetensors'), start);
  await truncate(at('big.safetensors'), start.length + 800_000_000);
  const before = await readdir(folder);
  // The command itself, not a shell around it: the signal is for it.
  const child = spawn('node', [join(ROOT, 'tools/cli.mjs'), 'export', at('big.safetensors'), '-o', at('big.csv')]);
  let err = '';
  child.stderr.on('data', (text) => {
    err += text;
  });
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  while (!(await readdir(folder)).some((name) => name.endsWith('.part'))) await new Promise((r) => setTimeout(r, 20));
  child.kill('SIGINT');
  expect(await ended).toBe(2);
  expect(err).toBe('cancelled\n');
  expect((await readdir(folder)).sort()).toEqual(before.sort());
});
