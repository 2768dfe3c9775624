import { expect, test } from 'vitest';
import { imageSheetOf, kernelTiles, sampleImages } from './kernel-tiles.ts';
import { openBytes, openFixture, placesFile, tensorOf } from './open-fixture.fixture.ts';

test('kernels and pictures are told by their shape', () => {
  expect(imageSheetOf([64, 32, 3, 3])).toMatchObject({ rows: 64, columns: 32, height: 3, width: 3 });
  expect(imageSheetOf([80, 40, 5])).toMatchObject({ rows: 80, columns: 40, height: 1, width: 5 });
  expect(imageSheetOf([3, 224, 200])).toMatchObject({ rows: 1, columns: 3, height: 224, width: 200 });
  expect(imageSheetOf([8, 12, 512, 512])).toBeUndefined();
  expect(imageSheetOf([4096, 4096])).toBeUndefined();
  expect(imageSheetOf([64, 0, 3, 3])).toBeUndefined();
});

const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 5));

test('an image holds the numbers of its kernel', async () => {
  const shape = [40, 50, 3, 2];
  const document = await openBytes(placesFile(shape), 'places.safetensors');
  const { entry, tensor } = await tensorOf(document, 'places');
  const part = { document, entry, tensor, raw: false };
  const tiles = kernelTiles(part, imageSheetOf(shape)!);
  tiles.want({ from: 35, to: 40 }, { from: 45, to: 50 });
  await settled();
  const first = (39 * 50 + 47) * 6;
  expect([...tiles.imageAt(39, 47)!]).toEqual([0, 1, 2, 3, 4, 5].map((i) => first + i));
  expect(tiles.imageAt(0, 0)).toBeUndefined();
  const sample = await sampleImages(part, imageSheetOf(shape)!, new AbortController().signal);
  expect(sample.length).toBeLessThanOrEqual(16_384);
  expect(sample.length % 6).toBe(0);
});

test('kernels of a real checkpoint are those that torch shows', async () => {
  const document = await openFixture('public/examples/digits-final.pt');
  const { entry, tensor } = await tensorOf(document, 'features.3.weight');
  const tiles = kernelTiles({ document, entry, tensor, raw: false }, imageSheetOf(tensor.shape)!);
  tiles.want({ from: 0, to: 64 }, { from: 0, to: 32 });
  await settled();
  // torch 2.13: float(w[2, 2, 1, 0]), float(w[63, 31, 2, 2])
  expect(tiles.imageAt(2, 2)?.[3]).toBe(0.029619064182043076);
  expect(tiles.imageAt(63, 31)?.[8]).toBe(-0.06538168340921402);
});
