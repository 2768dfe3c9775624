import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fixture, ROOT, stateglass } from './stateglass.fixture.ts';

const golden = (path: string) => JSON.parse(readFileSync(`${fixture(path)}.json`, 'utf8'));

const LISTED = [
  'pytorch/module-state.pt',
  'pytorch/module-state-legacy.pth',
  'pytorch/tied.bin',
  'pytorch/views.pt',
  'pytorch/lightning.ckpt',
  'safetensors/tiny.safetensors',
  'safetensors/odd-keys.safetensors',
  'text/agent-after.json',
  'gguf/tiny.gguf',
];
test.each(LISTED)('ls --json of %s says what the library says', async (path) => {
  const { code, out } = await stateglass('ls', fixture(path), '--json');
  expect(code).toBe(0);
  const listed = JSON.parse(out);
  const wanted = golden(path);
  const inFileOrder: string[] = wanted.offsetKeys ?? wanted.entries.map((entry: { key: string }) => entry.key);
  expect(listed.entries.map((entry: { key: string }) => entry.key)).toEqual(inFileOrder);
  const byKey = new Map(listed.entries.map((entry: { key: string }) => [entry.key, entry]));
  for (const entry of wanted.entries) {
    const fields = ['type', 'dtype', 'shape', 'params', 'sharedWith'].filter((field) => field in entry);
    expect(byKey.get(entry.key)).toMatchObject(Object.fromEntries(fields.map((field) => [field, entry[field]])));
    if (entry.shape?.every((dim: number) => dim > 1))
      expect(byKey.get(entry.key)).toMatchObject({ strides: entry.strides ?? expect.anything() });
    if (entry.type === 'text') expect(byKey.get(entry.key)).toMatchObject({ value: entry.value });
  }
});

test('one file of a split GGUF brings the others along', async () => {
  const shards = [1, 2, 3].map((n) => `gguf/split/model-0000${n}-of-00003.gguf`);
  const wanted = shards.flatMap((path) => golden(path).entries.map(({ key }: { key: string }) => key));
  for (const named of [[shards[1]!], shards]) {
    const { code, out } = await stateglass('ls', ...named.map(fixture), '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out).entries.map(({ key }: { key: string }) => key)).toEqual(wanted);
  }
});

test('ls --json names files, metadata, roles and places', async () => {
  const { out } = await stateglass('ls', fixture('safetensors/tiny.safetensors'), '--json');
  const listed = JSON.parse(out);
  expect(listed).toMatchObject({ format: 'safetensors', files: [{ name: 'tiny.safetensors' }], problems: [] });
  expect(listed.metadata).toEqual(golden('safetensors/tiny.safetensors').metadata);
  const bytes = readFileSync(fixture('safetensors/tiny.safetensors'));
  const header = Number(bytes.readBigUInt64LE(0));
  const raw = JSON.parse(bytes.subarray(8, 8 + header).toString());
  for (const entry of listed.entries) {
    expect(entry.offset).toBe(8 + header + raw[entry.key].data_offsets[0]);
    expect(entry).toMatchObject({ file: 'tiny.safetensors', roleSource: 'heuristic' });
  }
});

test("ls --style caten prints the Transformer's 29 keys with their shapes", async () => {
  const { out } = await stateglass('ls', fixture('safetensors/caten-transformer.safetensors'), '--style', 'caten');
  const lines = out.trimEnd().split('\n');
  expect(lines).toHaveLength(29);
  const wanted = golden('safetensors/caten-transformer.safetensors').entries;
  const lineOf = (entry: { key: string; shape: number[] }) => `${entry.key} -> (${entry.shape.join(' ')})`;
  expect([...lines].sort()).toEqual(wanted.map(lineOf).sort());
  expect(lines[0]).toBe('wte.weight -> (32 32)');
  expect(lines.at(-1)).toBe('lm_head.weight -> (32 32)');
});

test('ls --tree folds repeated blocks', async () => {
  const { out } = await stateglass('ls', join(ROOT, 'public/examples/char-gpt.safetensors'), '--tree');
  expect(out).toContain('0 … 3  ×4  Block');
  expect(out.match(/c_attn/g)).toHaveLength(1);
});

test('a tensor whose shard is missing has a name and nothing else', async () => {
  const path = fixture('pytorch/sharded/pytorch_model.bin.index.json');
  const folder = mkdtempSync(join(tmpdir(), 'stateglass-'));
  const alone = join(folder, 'pytorch_model.bin.index.json');
  copyFileSync(path, alone);
  try {
    const listed = JSON.parse((await stateglass('ls', alone, '--json')).out);
    expect(listed.entries).toHaveLength(10);
    for (const entry of listed.entries) {
      expect(entry).toMatchObject({ type: 'tensor', absent: true });
      for (const field of ['dtype', 'shape', 'strides', 'params', 'bytes', 'file'])
        expect(entry).not.toHaveProperty(field);
    }
    const table = (await stateglass('ls', alone)).out;
    expect(table).toMatch(/^tensor +absent +wte\.weight$/m);
    expect(table).toContain('10 entries, 0 parameters');
    expect((await stateglass('ls', alone, '--tree')).out).toMatch(/^ +weight {2}absent$/m);
    expect((await stateglass('ls', alone, '--style', 'caten')).out).toBe('');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what cannot be done is one line on stderr and exit code 2', async () => {
  const missing = await stateglass('ls', 'not-there.pt');
  expect(missing).toMatchObject({ code: 2, out: '', err: 'not-there.pt: no such file\n' });
  const pointer = await stateglass('ls', fixture('hostile/lfs-pointer.pt'), '--json');
  expect(pointer.code).toBe(2);
  expect(JSON.parse(pointer.out)).toMatchObject({ error: { kind: 'not-a-model' } });
  expect(pointer.err.trimEnd().split('\n')).toHaveLength(1);
  expect((await stateglass('frobnicate')).code).toBe(2);
  expect((await stateglass('ls')).code).toBe(2);
  expect((await stateglass('ls', 'x', '--nope')).code).toBe(2);
});
