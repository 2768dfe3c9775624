import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { DType } from '../../tensor/dtype.ts';
import { encodeHeader } from './npy.ts';

const GOLDEN = new URL('../../fixtures/export/npy-headers.json', import.meta.url);
const { headers }: { headers: readonly (readonly [DType, readonly number[], string])[] } = JSON.parse(
  readFileSync(GOLDEN, 'utf8'),
);

test('headers of every type and of many shapes are those of np.save', () => {
  expect(headers.length).toBeGreaterThan(90);
  for (const [dtype, shape, hex] of headers) {
    expect(Buffer.from(encodeHeader({ dtype, shape })).toString('hex'), `${dtype} [${shape}]`).toBe(hex);
  }
});
