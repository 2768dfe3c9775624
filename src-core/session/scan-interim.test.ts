import { expect, test, vi } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import { GRID_BYTES } from '../compute/plan.ts';
import type { Entry, Storage } from '../model/state-dict.ts';
import type { Document } from './document.ts';
import { localPool } from './local-pool.ts';
import { type EntryStats, scanStats } from './scan.ts';

const FLOATS = (GRID_BYTES / 4) * 2 + 1000;

/** One tensor of three tasks: 0, 1, 2… and a last element of -5. */
function largeDocument(): Document {
  const values = Float32Array.from({ length: FLOATS }, (_, i) => i);
  values[FLOATS - 1] = -5;
  const bytes = new Uint8Array(values.buffer);
  const storage: Storage = { id: 0, byteLength: bytes.length, endian: 'little', data: { kind: 'inline', bytes } };
  const entry = {
    id: 0,
    key: 'w',
    value: { type: 'tensor', dtype: 'f32', shape: [FLOATS], offset: 0, storage: 0 },
  } as unknown as Entry;
  return {
    state: { entries: { length: 1, at: () => entry }, storages: { size: 1, get: () => storage } },
    files: new Map(),
  } as unknown as Document;
}

test('a large tensor is told of while it is read, and the last word is the whole', async () => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 1000));
  const told: EntryStats[] = [];
  const pool = localPool(async (handle) => bufferSource((handle as { bytes: Uint8Array<ArrayBuffer> }).bytes, 'w'));
  const add = (stats: EntryStats) => void told.push(stats);
  await scanStats(largeDocument(), [0], pool, add, { onInterim: add });
  vi.restoreAllMocks();
  expect(told.map(({ stats, interim }) => [stats?.count, interim])).toEqual([
    [GRID_BYTES / 4, true],
    [GRID_BYTES / 2, true],
    [FLOATS, true],
    [FLOATS, undefined],
  ]);
  const { interim: _, ...last } = told[2]!;
  expect(last).toEqual(told[3]);
  expect(told[0]).toMatchObject({ stats: { min: 0, minAt: 0 }, minIndex: [0] });
  expect(told[3]).toMatchObject({ stats: { min: -5 }, minIndex: [FLOATS - 1], maxIndex: [FLOATS - 2] });
});
