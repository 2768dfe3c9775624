import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
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
