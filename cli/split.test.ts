import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fixture, hashFile, readSafetensors, stateglass, temporaryFolder } from './stateglass.fixture.ts';

const at = temporaryFolder();
const TINY = fixture('safetensors/tiny.safetensors');
const { tensors: TENSORS } = readSafetensors(TINY);

test('split writes a file for each query and one for the rest: together they are all', async () => {
  const ran = await stateglass('split', TINY, 'h.1', 'h.*.bias -h.1.', '-o', at('part.safetensors'));
  expect([ran.code, ran.err]).toEqual([0, '']);
  const parts = [1, 2, 3].map((i) => readSafetensors(at(`part-${i}.safetensors`)).tensors);
  expect(Object.keys(parts[0]!)).toEqual(['h.1.bias', 'h.1.weight']);
  expect(Object.keys(parts[1]!)).toHaveLength(11);
  expect(Object.assign({}, ...parts)).toEqual(TENSORS);
  expect(parts.reduce((sum, part) => sum + Object.keys(part).length, 0)).toBe(Object.keys(TENSORS).length);
});

test('split into a folder names the parts as the file is named', async () => {
  mkdirSync(at('parts'));
  const ran = await stateglass('split', TINY, 'h', '-o', at('parts'), '--json');
  expect(JSON.parse(ran.out).map(({ entries }: { entries: number }) => entries)).toEqual([24, 5]);
  expect(readdirSync(at('parts')).sort()).toEqual(['tiny-1.safetensors', 'tiny-2.safetensors']);
});

test('an entry that two queries take is named, and nothing is written', async () => {
  const before = readdirSync(at());
  const ran = await stateglass('split', TINY, 'h.1', 'h.*.bias', '-o', at('twice.safetensors'));
  expect(ran).toEqual({ code: 2, out: '', err: 'more than one query takes h.1.bias\n' });
  expect((await stateglass('split', TINY, 'zzz', '-o', at('twice.safetensors'))).err).toBe('zzz: nothing matches\n');
  expect(readdirSync(at())).toEqual(before);
});

test('split --max-shard-size writes shards with an index, and convert makes one file of them again', async () => {
  const ran = await stateglass('split', TINY, '--max-shard-size', '0.4KB', '-o', at('shards'), '--json');
  expect([ran.code, ran.err]).toEqual([0, '']);
  const names = readdirSync(at('shards')).filter((name) => name.endsWith('.safetensors'));
  const total = String(names.length).padStart(5, '0');
  expect(names.length).toBeGreaterThan(1);
  expect(names).toEqual(names.map((_, i) => `model-${String(i + 1).padStart(5, '0')}-of-${total}.safetensors`));
  const shards = names.map((name) => readSafetensors(at(`shards/${name}`)));
  for (const { tensors } of shards) {
    const bytes = Object.values(tensors).reduce((sum, text) => sum + (text.split(' ').at(-1)?.length ?? 0) / 2, 0);
    expect(bytes <= 400 || Object.keys(tensors).length === 1).toBe(true);
  }
  const index = JSON.parse(readFileSync(at('shards/model.safetensors.index.json'), 'utf8'));
  const places = names.flatMap((name, i) => Object.keys(shards[i]!.tensors).map((key) => [key, name]));
  expect(index.weight_map).toEqual(Object.fromEntries(places));
  expect(JSON.parse(ran.out)).toMatchObject({ output: at('shards'), entries: 29, losses: [] });
  expect((await stateglass('convert', at('shards'), '-o', at('whole.safetensors'))).code).toBe(0);
  expect(readSafetensors(at('whole.safetensors'))).toEqual(readSafetensors(TINY));
});

test.each([
  [['encoder', '--max-shard-size', '1GB', '-o', 'out'], /either queries or --max-shard-size/],
  [['--max-shard-size', '1 parsec', '-o', 'out'], /1 parsec is no size/],
  [['--max-shard-size', '0', '-o', 'out'], /0 is no size/],
  [['--max-shard-size', '1GB'], /say where to/],
])('split %j is refused', async (args, why) => {
  const ran = await stateglass('split', TINY, ...args);
  expect([ran.code, ran.out]).toEqual([2, '']);
  expect(ran.err).toMatch(why);
});

test('convert copies its own format byte for byte, and tells what another cannot hold', async () => {
  const own = await stateglass('convert', TINY, at('own.safetensors'));
  expect(own).toEqual({ code: 0, out: `${at('own.safetensors')}: 29 entries, 2631 bytes, 0 of them new\n`, err: '' });
  expect(hashFile(at('own.safetensors'))).toBe(hashFile(TINY));
  const optimizer = await stateglass('convert', fixture('pytorch/optimizer.pt'), at('o.safetensors'));
  expect(optimizer.code).toBe(0);
  expect(optimizer.err).toMatch(/^warning: 20 entries are no tensors and are left out/);
});

test('convert makes one file of shards', async () => {
  const before = readdirSync(fixture('safetensors/sharded')).filter((name) => /of-00004\.safetensors$/.test(name));
  const shards = before.map((name) => readSafetensors(fixture(`safetensors/sharded/${name}`)).tensors);
  const index = fixture('safetensors/sharded/model.safetensors.index.json');
  expect(before.length).toBe(4);
  const alone = await stateglass('convert', index, at('one.safetensors'));
  expect(alone.code).toBe(2);
  expect(alone.err).toContain('is not open');
  mkdirSync(at('set'));
  for (const name of [...before, 'model.safetensors.index.json'])
    copyFileSync(fixture(`safetensors/sharded/${name}`), at(`set/${name}`));
  expect((await stateglass('convert', at('set'), at('one.safetensors'))).code).toBe(0);
  expect(readSafetensors(at('one.safetensors')).tensors).toEqual(Object.assign({}, ...shards));
});

test('convert refuses what a format cannot hold', async () => {
  const before = readdirSync(at());
  const ran = await stateglass('convert', TINY, at('one.npy'));
  expect([ran.code, ran.out]).toEqual([2, '']);
  expect(ran.err).not.toBe('');
  expect(readdirSync(at())).toEqual(before);
});
