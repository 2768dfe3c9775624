import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeSource, openNodeHandle } from '../bytes/node.ts';
import type { Document } from './document.ts';
import { fingerprintStructure, hashDocument } from './hash.ts';
import { localPool } from './local-pool.ts';
import { openFiles } from './open.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures');

async function open(path: string): Promise<Document> {
  const { documents } = await openFiles([{ id: basename(path), source: await nodeSource(join(FIXTURES, path)) }]);
  return documents[0] as Document;
}

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest();

test('the digest of a tensor is that of its bytes, as documented', async () => {
  const document = await open('safetensors/tiny.safetensors');
  const hashes = await hashDocument(document, localPool(openNodeHandle));
  const bytes = readFileSync(join(FIXTURES, 'safetensors/tiny.safetensors'));
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + headerBytes).toString());
  const lines: string[] = [];
  for (const { id, digest } of hashes.entries) {
    const { key, value } = document.state.entries.at(id);
    const [from, to] = header[key].data_offsets as [number, number];
    const content = bytes.subarray(8 + headerBytes + from, 8 + headerBytes + to);
    const wanted = sha256(content.length === 0 ? '' : sha256(content)).toString('hex');
    expect(digest).toBe(wanted);
    if (value.type === 'tensor') lines.push(`${JSON.stringify(key)}\t${value.dtype}\t[${value.shape}]\t${wanted}\n`);
  }
  expect(hashes.content).toBe(sha256(lines.sort().join('')).toString('hex'));
});

test('content is the same whatever the order of bytes in the file', async () => {
  const pool = localPool(openNodeHandle);
  const [big, views] = [await open('pytorch/big-endian.pt'), await open('stats/views.pt')];
  const f32 = Array.from({ length: big.state.entries.length }, (_, row) => big.state.entries.at(row)).find(
    (entry) => entry.key === 'f32',
  );
  const ramp = new Float32Array([-1, -0.875, -0.75, -0.625, -0.5, -0.375]);
  const hashes = await hashDocument(big, pool);
  expect(hashes.entries.find(({ id }) => id === f32?.id)?.digest).toBe(
    sha256(sha256(new Uint8Array(ramp.buffer))).toString('hex'),
  );
  const ofViews = await hashDocument(views, pool);
  const digestOf = (key: string) => ofViews.entries.find(({ id }) => views.state.entries.at(id).key === key)?.digest;
  // (90, 120) and (90, 4, 30) of the same elements in the same order; every other view has elements of its own.
  expect(digestOf('permuted')).toBe(digestOf('transposed'));
  expect(new Set(ofViews.entries.map(({ digest }) => digest)).size).toBe(ofViews.entries.length - 1);
});

test('structure knows names, types and shapes, and no data', async () => {
  const [zip, legacy, other] = [
    await open('pytorch/views.pt'),
    await open('pytorch/views-legacy.pt'),
    await open('pytorch/tiny.pt'),
  ];
  const structure = await fingerprintStructure(zip);
  expect(structure).toBe(await fingerprintStructure(legacy));
  expect(structure).not.toBe(await fingerprintStructure(other));
});
