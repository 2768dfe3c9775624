import { expect, test } from 'vitest';
import { titleOf } from './document-titles.ts';

const lying = (name: string, ...ids: string[]) => ({
  name,
  files: ids.map((id) => ({ id, name: id.split('/').at(-1)!, size: 1, part: 'model' as const })),
});

test('documents of one name are told apart by their folders; others keep their names', () => {
  const unet = lying('model.safetensors', 'pipeline.dduf/unet/model.safetensors');
  const text = lying('model.safetensors', 'pipeline.dduf/text_encoder/model.safetensors');
  const stats = lying('stats.npz', 'pipeline.dduf/stats.npz');
  const all = [unet, text, stats];
  expect(all.map((one) => titleOf(one, all))).toEqual([
    'unet/model.safetensors',
    'text_encoder/model.safetensors',
    'stats.npz',
  ]);
  expect(titleOf(unet, [unet, stats])).toBe('model.safetensors');
});

test('a folder that is the name tells nothing apart: the one above it does', () => {
  const [a, b] = [lying('weights', 'a/weights/1.bin', 'a/weights/2.bin'), lying('weights', 'b/weights/1.bin')];
  expect([titleOf(a, [a, b]), titleOf(b, [a, b])]).toEqual(['a/weights', 'b/weights']);
  const [here, there] = [lying('x.pt', 'x.pt'), lying('x.pt', 'x.pt')];
  expect(titleOf(here, [here, there])).toBe('x.pt');
});
