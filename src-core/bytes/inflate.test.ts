import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { StateglassError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { bufferSource } from './buffer.ts';
import { inflate } from './inflate.ts';

const plain = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) % 251);
const packed = new Uint8Array(deflateRawSync(plain));
const open = (bytes: Uint8Array<ArrayBuffer>, inflated: number, upTo?: number) =>
  inflate(bufferSource(bytes, 'x'), 0, bytes.length, inflated, {
    format: 'zip',
    ...(upTo === undefined ? {} : { upTo }),
  });
const kindOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'fine',
    (error: unknown) => (error instanceof StateglassError ? error.info.kind : error),
  );

describe('inflate', () => {
  it('gives back what zlib packed', async () => expect(await open(packed, plain.length)).toEqual(plain));
  it('stops after the first bytes', async () => {
    expect(await open(packed, plain.length, 100)).toEqual(plain.subarray(0, 100));
    expect(await open(packed, plain.length, 0)).toEqual(new Uint8Array(0));
  });
  it('refuses more or less than was promised', async () => {
    expect(await kindOf(open(packed, plain.length - 1))).toBe('malformed');
    expect(await kindOf(open(packed, plain.length + 1))).toBe('malformed');
  });
  it('refuses a stream that is cut or damaged', async () => {
    expect(await kindOf(open(packed.slice(0, packed.length >> 1), plain.length))).toBe('malformed');
    expect(await kindOf(open(new Uint8Array(50).fill(0xff), 100))).toBe('malformed');
  });
  it('refuses a promise out of proportion before it reserves anything', async () => {
    expect(await kindOf(open(packed, LIMITS.inflateBytes + 1))).toBe('limit');
    expect(await kindOf(open(new Uint8Array(10), LIMITS.inflateFloorBytes + 1))).toBe('limit');
  });
});
