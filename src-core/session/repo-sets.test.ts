import { expect, test } from 'vitest';
import { arrangeRepo, filesOfSets } from './repo-sets.ts';

const repo = (...paths: (string | [string, number])[]) =>
  paths.map((path) => (typeof path === 'string' ? { path, size: 10 } : { path: path[0], size: path[1] }));
const suggested = (files: ReturnType<typeof repo>, path?: string) =>
  arrangeRepo(files, path)
    .sets.filter((set) => set.suggested)
    .map((set) => set.files.map((file) => file.path));

const MISTRAL = repo(
  '.gitattributes',
  'README.md',
  'config.json',
  'consolidated.safetensors',
  'model-00001-of-00002.safetensors',
  'model-00002-of-00002.safetensors',
  'model.safetensors.index.json',
  'pytorch_model-00001-of-00002.bin',
  'pytorch_model-00002-of-00002.bin',
  'pytorch_model.bin.index.json',
  ['tokenizer.json', 9_000_000],
  ['vocab.json', 9_000_000],
  'training_args.bin',
  'flax_model.msgpack',
);

test('an index comes with its shards, and safetensors before others', () => {
  expect(suggested(MISTRAL)).toEqual([
    ['model.safetensors.index.json', 'model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'],
  ]);
  const { sets, others } = arrangeRepo(MISTRAL);
  expect(sets.map((set) => [set.files.length, set.bytes, set.format])).toEqual([
    [3, 30, 'safetensors'],
    [1, 10, 'safetensors'],
    [1, 10, 'Flax'],
    [3, 30, 'PyTorch'],
    [1, 10, 'PyTorch'],
  ]);
  // README, .gitattributes, and a vocabulary too long for a companion.
  expect(others).toBe(3);
});

test('companions of the same folder come along', () => {
  const contents = arrangeRepo(MISTRAL);
  const paths = filesOfSets(contents, contents.sets.slice(0, 1)).map((file) => file.path);
  expect(paths).toEqual([
    'model.safetensors.index.json',
    'model-00001-of-00002.safetensors',
    'model-00002-of-00002.safetensors',
    'config.json',
    'tokenizer.json',
  ]);
});

test.each<[string, ReturnType<typeof repo>, string[][]]>([
  ['plain names before variants', repo('model.fp16.safetensors', 'model.safetensors'), [['model.safetensors']]],
  ['no state of a training run', repo('optimizer.pt', 'pytorch_model.bin'), [['pytorch_model.bin']]],
  ['the top before folders', repo('onnx/model.bin', 'original/x.pth', 'pytorch_model.bin'), [['pytorch_model.bin']]],
  [
    'each part of a pipeline',
    repo('unet/a.safetensors', 'unet/a.bin', 'vae/b.safetensors', 'model_index.json'),
    [['unet/a.safetensors'], ['vae/b.safetensors']],
  ],
  [
    'one of many checkpoints',
    repo(...Array.from({ length: 20 }, (_, i) => `checkpoint-${i}/model.safetensors`)),
    [['checkpoint-0/model.safetensors']],
  ],
  ['texts where there are no weights', repo('agent.json', 'README.md'), [['agent.json']]],
])('suggests %s', (_, files, wanted) => expect(suggested(files)).toEqual(wanted));

test('a path means the set it is in, or what is below it', () => {
  expect(suggested(MISTRAL, 'pytorch_model-00002-of-00002.bin')).toEqual([
    ['pytorch_model.bin.index.json', 'pytorch_model-00001-of-00002.bin', 'pytorch_model-00002-of-00002.bin'],
  ]);
  expect(suggested(repo('a/x.safetensors', 'b/x.safetensors'), 'b')).toEqual([['b/x.safetensors']]);
  expect(suggested(MISTRAL, 'not-there.bin')).toEqual([]);
});
