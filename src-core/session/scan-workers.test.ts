import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import { openHandle } from '../bytes/open-handle.ts';
import type { SourceHandle } from '../bytes/source.ts';
import { GRID_BYTES } from '../compute/plan.ts';
import { localPool } from './local-pool.ts';
import { openFiles } from './open.ts';
import { scanStats } from './scan.ts';

const BYTES = GRID_BYTES + 65_536;
const data = new Uint32Array(BYTES / 4);
let state = 1;
for (let i = 0; i < data.length; i++) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  // Sizes of all kinds, and some that are not finite.
  data[i] = state;
}

const WIDTHS = { F32: 4, BF16: 2, F16: 2, I16: 2, F64: 8, I64: 8, U8: 1, F8_E4M3: 1 } as const;

/** A safetensors file of one tensor of two dimensions, over the same bytes. */
async function openAs(dtype: keyof typeof WIDTHS, columns: number) {
  const rows = Math.floor(BYTES / WIDTHS[dtype] / columns);
  const size = rows * columns * WIDTHS[dtype];
  const header = JSON.stringify({ w: { dtype, shape: [rows, columns], data_offsets: [0, size] } });
  const padded = new TextEncoder().encode(header.padEnd(Math.ceil(header.length / 8) * 8));
  const bytes = new Uint8Array(8 + padded.length + size);
  new DataView(bytes.buffer).setUint32(0, padded.length, true);
  bytes.set(padded, 8);
  bytes.set(new Uint8Array(data.buffer, 0, size), 8 + padded.length);
  const { documents } = await openFiles([{ id: 'w.safetensors', source: bufferSource(bytes, 'w.safetensors') }]);
  return documents[0]!;
}

test('statistics do not depend on the number of workers, nor on who is done first', async () => {
  const dtype = fc.constantFrom(...(Object.keys(WIDTHS) as (keyof typeof WIDTHS)[]));
  const waits = fc.infiniteStream(fc.integer({ min: 0, max: 30 }));
  await fc.assert(
    fc.asyncProperty(dtype, fc.integer({ min: 1, max: 5000 }), waits, async (type, columns, pauses) => {
      const document = await openAs(type, columns);
      const openLate = async (handle: SourceHandle) => {
        await new Promise((resolve) => setTimeout(resolve, pauses.next().value));
        return openHandle(handle);
      };
      const [one, ...others] = await Promise.all(
        [1, 2, 5].map(async (workers) => {
          const told: unknown[] = [];
          await scanStats(document, [0], localPool(openLate, workers), (stats) => told.push(stats));
          return told;
        }),
      );
      expect(one).toMatchObject([{ stats: { count: expect.any(Number) } }]);
      for (const other of others) expect(other).toEqual(one);
    }),
    { numRuns: 4 },
  );
});
