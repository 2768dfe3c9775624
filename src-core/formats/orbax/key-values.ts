/** Values by key, wherever they are kept: in an OCDBT database, or each in a file of its own. */
import { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { FileId, FileSet } from '../../bytes/source.ts';

export type StoredValue =
  | { readonly kind: 'inline'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'slice'; readonly file: FileId; readonly offset: number; readonly length: number };

export type KeyValues = ReadonlyMap<string, StoredValue>;

/** Files below a folder (with a slash at its end) as values: the rest of the path is the key. */
export function listFolder(folder: string, names: Iterable<FileId>, files: FileSet): KeyValues {
  const values = new Map<string, StoredValue>();
  for (const id of names) {
    const size = id.startsWith(folder) ? files.get(id)?.size : undefined;
    if (size !== undefined) values.set(id.slice(folder.length), { kind: 'slice', file: id, offset: 0, length: size });
  }
  return values;
}

/** @throws `limit` for a value that is too long to be metadata, `not-found` for one whose file is not here. */
export async function readValue(
  value: StoredValue,
  files: FileSet,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  if (value.kind === 'inline') return value.bytes;
  const { file, offset, length } = value;
  const source = files.get(file);
  if (!source) throw new StateglassError({ kind: 'not-found', what: file, detail: 'it is not here' });
  if (length > LIMITS.zarrMetadataBytes) {
    const max = LIMITS.zarrMetadataBytes;
    const detail = 'the metadata of an array is longer than any real one';
    throw new StateglassError({ kind: 'limit', file, limit: 'zarrMetadataBytes', value: length, max, detail });
  }
  return source.read(offset, offset + length, signal);
}
