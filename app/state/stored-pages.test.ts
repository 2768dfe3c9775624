import { expect, test } from 'vitest';
import type { Storage, TensorValue } from '../../src-core/index.ts';
import { engine } from './engine.ts';
import { openBytes, placesFile, tensorOf } from './open-fixture.fixture.ts';
import { fileOffset, indexOfElement, storedPages } from './stored-pages.ts';

test('bytes are those of the file, page by page', async () => {
  const file = placesFile([300, 100]);
  const document = await openBytes(file, 'places.safetensors');
  const { entry } = await tensorOf(document, 'places');
  const { storage } = await engine().entry(document, entry);
  const pages = storedPages(document, entry, storage!.byteLength);
  pages.want(59_990, 60_000);
  await new Promise((resolve) => setTimeout(resolve, 5));
  const place = fileOffset(storage!, 59_999)!;
  expect(place).toEqual({ file: 'places.safetensors', offset: file.length - 1 });
  expect(pages.byteAt(59_999)).toBe(file[place.offset]);
  expect(pages.byteAt(0)).toBeUndefined();
});

test('a byte of a sharded storage lies in its own file; a packed one in none', () => {
  const slices = [
    { file: 'a', offset: 100, length: 10 },
    { file: 'b', offset: 7, length: 10 },
    { file: 'c', offset: 0, length: 3, codec: 'deflate' as const, inflated: 10 },
  ];
  const storage: Storage = { id: 0, byteLength: 30, endian: 'little', data: { kind: 'slices', slices } };
  expect(fileOffset(storage, 9)).toEqual({ file: 'a', offset: 109 });
  expect(fileOffset(storage, 10)).toEqual({ file: 'b', offset: 7 });
  expect(fileOffset(storage, 20)).toBeUndefined();
});

test('the index of an element of a contiguous tensor', () => {
  const tensor: TensorValue = { type: 'tensor', dtype: 'f32', shape: [3, 4], offset: 2, storage: 0 };
  expect(indexOfElement(tensor, 2 + 7)).toEqual([1, 3]);
  expect(indexOfElement(tensor, 1)).toBeUndefined();
  expect(indexOfElement(tensor, 2 + 12)).toBeUndefined();
  expect(indexOfElement({ ...tensor, strides: [1, 3] }, 4)).toBeUndefined();
});
