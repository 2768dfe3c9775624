/** Files that libraries packed, with what the same libraries make of them beside. */
import { readdirSync, readFileSync } from 'node:fs';
import { bufferSource } from '../bytes/buffer.ts';
import type { ValueArray } from '../tensor/decode.ts';
import { type EditedDocument, startEditing } from './edits.ts';
import { openFiles } from './open.ts';

const FOLDER = new URL('../fixtures/packed/', import.meta.url);
export const PACKED_NAMES = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.safetensors'))
  .map((name) => name.slice(0, -'.safetensors'.length));

interface Golden {
  readonly entries: readonly { readonly key: string }[];
  readonly weights: Readonly<
    Record<string, { dtype: string; shape: readonly number[]; scheme: string; bits: number; group?: number }>
  >;
  readonly config?: Readonly<Record<string, unknown>>;
}

export const packedGolden = (name: string): Golden =>
  JSON.parse(readFileSync(new URL(`${name}.safetensors.json`, FOLDER), 'utf8'));

export const packedBytesOf = (path: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(readFileSync(new URL(path, FOLDER)));

/** `decoded/NAME.safetensors` holds the weights unpacked. */
export async function openPacked(
  path: string,
  config?: object,
  bytes: Uint8Array<ArrayBuffer> = packedBytesOf(path),
): Promise<EditedDocument> {
  const files = [{ id: 'model.safetensors', source: bufferSource(bytes, 'model.safetensors') }];
  if (config) {
    const bytes = new TextEncoder().encode(JSON.stringify(config));
    files.push({ id: 'config.json', source: bufferSource(bytes, 'config.json') });
  }
  const { documents } = await openFiles(files);
  return startEditing(documents[0]!);
}

/** Tables of e2m1 have a zero of each sign, or two of one: what the library computes with is not always what it writes. */
export const unsign = (values: ValueArray): number[] =>
  Array.from(values as ArrayLike<number | bigint>, (value) => Number(value) + 0);
