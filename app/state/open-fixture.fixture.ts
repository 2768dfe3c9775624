import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { EntryId, TensorValue } from '../../src-core/index.ts';
import { createEngine } from '../engine/engine.ts';
import type { DocumentId } from './engine.ts';
import { engine, replaceEngine } from './engine.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The engine itself, without a worker, with a file opened in it. */
export async function openFixture(path: string): Promise<DocumentId> {
  return openBytes(new Uint8Array(await readFile(join(ROOT, path))), basename(path));
}

export async function openBytes(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<DocumentId> {
  replaceEngine(createEngine());
  const { documents } = await engine().open({ files: [{ path: name, handle: { kind: 'buffer', bytes, name } }] });
  return documents[0]!.id;
}

export async function tensorOf(document: DocumentId, key: string): Promise<{ entry: EntryId; tensor: TensorValue }> {
  for (const row of await engine().filter(document, key)) {
    const { entry } = await engine().entry(document, row);
    if (entry.key === key && entry.value.type === 'tensor') return { entry: row, tensor: entry.value };
  }
  throw new Error(`no tensor ${key}`);
}

/** A safetensors file of one u16 tensor whose numbers are their places, wrapped at 65,521. */
export function placesFile(shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const count = shape.reduce((product, dim) => product * dim, 1);
  const header = JSON.stringify({ places: { dtype: 'U16', shape, data_offsets: [0, 2 * count] } });
  const text = header + ' '.repeat((8 - (header.length % 8)) % 8);
  const bytes = new Uint8Array(8 + text.length + 2 * count);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(new TextEncoder().encode(text), 8);
  new Uint16Array(bytes.buffer, 8 + text.length).forEach((_, i, all) => {
    all[i] = i % PRIME;
  });
  return bytes;
}

export const PRIME = 65_521;
