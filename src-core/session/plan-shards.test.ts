import { expect, test } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import { openHandle } from '../bytes/open-handle.ts';
import { fileOf, headerOf } from '../formats/safetensors/make-file.fixture.ts';
import { memorySink } from './memory-sink.fixture.ts';
import { openFiles } from './open.ts';
import { planShards } from './plan-shards.ts';
import { writePlan } from './write-plan.ts';

/** A model of byte tensors of these lengths, in this order. */
async function openModel(lengths: Readonly<Record<string, number>>) {
  let at = 0;
  const tensors = Object.entries(lengths).map(([key, length]) => {
    const begin = at;
    at += length;
    return [key, { dtype: 'U8', shape: [length], data_offsets: [begin, at] }] as const;
  });
  const bytes = fileOf(headerOf(Object.fromEntries(tensors)), at);
  const { documents } = await openFiles([{ id: 'm.safetensors', source: bufferSource(bytes, 'm.safetensors') }]);
  return documents[0]!;
}

/** Names in each file, and the index. */
async function shardsOf(lengths: Readonly<Record<string, number>>, maxBytes: number) {
  const { shards, index } = await planShards(await openModel(lengths), { maxBytes, name: 'model' });
  const files = shards.map(async ({ file, plan }) => {
    const sink = memorySink();
    await writePlan(plan, sink, openHandle);
    const length = Number(new DataView(sink.bytes().buffer).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(sink.bytes().subarray(8, 8 + length)));
    return [file, Object.keys(header).sort().join(' ')];
  });
  return { files: Object.fromEntries(await Promise.all(files)), index: index && new TextDecoder().decode(index.bytes) };
}

test('a shard ends where the next tensor would make it too long; nothing is moved to fill it', async () => {
  const { files } = await shardsOf({ a: 6, b: 6, c: 2, d: 6, e: 2, f: 2 }, 10);
  expect(files).toEqual({
    'model-00001-of-00003.safetensors': 'a',
    'model-00002-of-00003.safetensors': 'b c',
    'model-00003-of-00003.safetensors': 'd e f',
  });
});

test('a tensor that is too long is alone, and the shard before it goes on behind it', async () => {
  const { files } = await shardsOf({ a: 3, giant: 11, b: 3, full: 10, c: 1 }, 10);
  expect(files).toEqual({
    'model-00001-of-00004.safetensors': 'giant',
    'model-00002-of-00004.safetensors': 'a b',
    'model-00003-of-00004.safetensors': 'full',
    'model-00004-of-00004.safetensors': 'c',
  });
});

test('the index says where each tensor is, in the order of the files, as Python writes it', async () => {
  const { index } = await shardsOf({ 'ü"😀': 6, b: 11 }, 10);
  expect(index).toBe(`{
  "metadata": {
    "total_size": 17
  },
  "weight_map": {
    "b": "model-00001-of-00002.safetensors",
    "\\u00fc\\"\\ud83d\\ude00": "model-00002-of-00002.safetensors"
  }
}`);
});

test('one file that holds all has no number and no index', async () => {
  expect(await shardsOf({ a: 4, b: 6 }, 10)).toEqual({ files: { 'model.safetensors': 'a b' }, index: undefined });
});

test.each([0, -1, Number.NaN])('shards of %d bytes are refused', async (maxBytes) => {
  await expect(shardsOf({ a: 4 }, maxBytes)).rejects.toThrow(/more than 0/);
});
