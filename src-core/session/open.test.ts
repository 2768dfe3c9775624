import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import { openFiles } from './open.ts';

const load = (path: string) => Uint8Array.from(readFileSync(new URL(`../fixtures/${path}`, import.meta.url)));
const text = (content: string) => new TextEncoder().encode(content);

async function open(files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>) {
  const { documents, failures } = await openFiles(
    Object.entries(files).map(([id, bytes]) => ({ id, source: bufferSource(bytes, id.split('/').at(-1)!) })),
  );
  return {
    documents: documents.map(({ name, state }) => [name, state.format, state.entries.length]),
    failures: failures.map(({ file, error }) => [file, error.kind]),
  };
}

test('a folder with one model in two formats is two documents', async () => {
  const bin = (n: number) => `pytorch_model-0000${n}-of-00003.bin`;
  const safe = (n: number) => `model-0000${n}-of-00004.safetensors`;
  const files: Record<string, Uint8Array<ArrayBuffer>> = { 'm/config.json': text('{"architectures":["X"]}') };
  for (const n of [1, 2, 3]) files[`m/${bin(n)}`] = load(`pytorch/sharded/${bin(n)}`);
  for (const n of [1, 2, 3, 4]) files[`m/${safe(n)}`] = load(`safetensors/sharded/${safe(n)}`);
  for (const [name, folder] of [
    ['pytorch_model.bin.index.json', 'pytorch'],
    ['model.safetensors.index.json', 'safetensors'],
  ])
    files[`m/${name}`] = load(`${folder}/sharded/${name}`);
  expect(await open(files)).toEqual({
    documents: [
      ['m', 'safetensors', 33],
      ['m', 'pytorch', 10],
    ],
    failures: [],
  });
});

test('a file that only lies beside an index is opened by itself', async () => {
  const files = {
    'm/pytorch_model.bin.index.json': text('{"weight_map":{"a":"weights.bin"}}'),
    'm/weights.bin': load('pytorch/tied.bin'),
    'm/training_args.bin': load('pytorch/optimizer.pt'),
  };
  const { documents, failures } = await open(files);
  expect(documents.map(([name, format]) => [name, format])).toEqual([
    ['pytorch_model.bin.index.json', 'pytorch'],
    ['training_args.bin', 'pytorch'],
  ]);
  expect(failures).toEqual([]);
});

test('shards whose index is damaged are opened all the same', async () => {
  const name = 'pytorch_model-00001-of-00003.bin';
  const { documents, failures } = await open({
    'pytorch_model.bin.index.json': text('{"weight_map":'),
    [name]: load(`pytorch/sharded/${name}`),
  });
  expect(failures).toEqual([['pytorch_model.bin.index.json', 'malformed']]);
  expect(documents).toEqual([['pytorch_model.bin', 'pytorch', 3]]);
});
