import { expect, test } from 'vitest';
import { nodeSource } from '../../bytes/node.ts';
import { applyEdit, startEditing } from '../edits.ts';
import { openFiles } from '../open.ts';
import { readValues } from '../values.ts';
import { readWeight } from './read-weight.ts';

/** Every element type, other byte order, numbers meant with the other sign, and packed bytes. */
const FILES = ['pytorch/dtypes.pt', 'pytorch/big-endian.pt', 'pytorch/conj-neg.pt', 'pytorch/repacked-deflated.pt'];

test.each(FILES)('weights of %s are its numbers as f32', async (file) => {
  const source = await nodeSource(`src-core/fixtures/${file}`);
  const document = (await openFiles([{ id: 'a', source }])).documents[0]!;
  const { entries } = document.state;
  let read = 0;
  for (let row = 0; row < entries.length; row++) {
    const { id, value } = entries.at(row);
    if (value.type !== 'tensor' || value.storage === undefined || value.quant) continue;
    const found = await readValues(document, id).catch(() => undefined);
    if (!found || found.complex) continue;
    const want = Float32Array.from(found.values as ArrayLike<number | bigint>, Number);
    expect(await readWeight(document, id), entries.at(row).key).toEqual(want);
    read++;
  }
  expect(read).toBeGreaterThan(0);
});

test.each(FILES)('edited weights of %s are their numbers, too', async (file) => {
  const source = await nodeSource(`src-core/fixtures/${file}`);
  let document = startEditing((await openFiles([{ id: 'a', source }])).documents[0]!);
  const { entries } = document.state;
  const edited: number[] = [];
  for (let row = 0; row < entries.length; row++) {
    const { id, key, value } = entries.at(row);
    if (value.type !== 'tensor' || value.storage === undefined || value.shape.length === 0) continue;
    try {
      document = applyEdit(document, { op: 'set-elements', args: { key, slice: '...', values: 0 } });
      document = applyEdit(document, { op: 'set-elements', args: { key, slice: '-1', values: 1 } });
      edited.push(id);
    } catch {
      // Not of this type.
    }
  }
  for (const id of edited) {
    const { values, complex } = await readValues(document, id);
    if (complex) continue;
    const want = Float32Array.from(values as ArrayLike<number | bigint>, Number);
    expect(await readWeight(document, id), document.state.entries.at(id).key).toEqual(want);
  }
  expect(edited.length).toBeGreaterThan(0);
});

test('places in a storage that are odd, and what it does not have', async () => {
  const bytes = Uint8Array.from([9, 0x80, 0x3f, 0x00, 0xc0, 0xc0, 0x7f]);
  const { documents } = await openFiles([
    { id: 'a', source: await nodeSource('src-core/fixtures/pytorch/one-tensor.pt') },
  ]);
  const [first] = documents;
  const entry = first!.state.entries.at(0);
  const storage = { byteLength: 7, endian: 'little', data: { kind: 'inline', bytes: bytes.subarray(1) } } as const;
  const of = (shape: readonly number[], offset: number) => ({
    ...first!,
    state: {
      ...first!.state,
      storages: new Map([[0, storage]]),
      entries: {
        ...first!.state.entries,
        length: 1,
        at: () => ({ ...entry, value: { type: 'tensor', dtype: 'bf16', shape, offset, storage: 0 } }),
      },
    },
  });
  expect(await readWeight(of([3], 0) as never, entry.id)).toEqual(Float32Array.of(1, -2, Number.NaN));
  await expect(readWeight(of([3], 1) as never, entry.id)).rejects.toThrow('storage');
});
