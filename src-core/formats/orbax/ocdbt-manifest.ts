/** The manifest: how the database is kept, and where its newest version begins. */
import { StateglassError } from '../../base/errors.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { type DataFile, readDataFiles } from './ocdbt-files.ts';
import { FORMAT, MAGIC, type OcdbtCursor, readBody } from './ocdbt-reader.ts';

export interface NodePlace {
  readonly file: DataFile;
  readonly offset: number;
  readonly length: number;
}

export interface Manifest {
  /** Of the newest version; undefined for a database without keys. */
  readonly root: NodePlace | undefined;
  readonly height: number;
  /** Of the newest version: it counts them. */
  readonly generation: number;
}

const UUID_BYTES = 16;

/** @throws `malformed`, and `unsupported` for a manifest that lies in numbered files. */
export async function readManifest(
  source: ByteSource,
  base: string,
  signal: AbortSignal | undefined,
): Promise<Manifest> {
  const cursor = await readBody(source, 0, source.size, MAGIC.manifest, signal);
  readConfig(cursor, source.name);
  const files = readDataFiles(cursor, base);
  return readVersions(cursor, files);
}

function readConfig(cursor: OcdbtCursor, file: string): void {
  cursor.skip(UUID_BYTES);
  const kind = cursor.varint();
  if (kind !== 0) {
    const detail = kind === 1 ? 'manifests in numbered files are not read' : `there is no kind ${kind} of manifest`;
    throw new StateglassError({ kind: 'unsupported', file, format: FORMAT, detail });
  }
  cursor.varint();
  cursor.varint();
  cursor.u8();
  const compression = cursor.varint();
  if (compression === 1) cursor.i32();
  else if (compression !== 0) throw cursor.fail(`there is no compression ${compression}`);
}

/** Versions that stand in the manifest itself, the newest among them; older ones are in nodes of their own and are not read. */
function readVersions(cursor: OcdbtCursor, files: readonly DataFile[]): Manifest {
  const count = cursor.varint();
  if (count === 0) throw cursor.fail('it has no version');
  const generations = cursor.varints(count);
  const heights = cursor.many(count, () => cursor.u8());
  const fileIds = cursor.varints(count);
  const offsets = cursor.many(count, () => readPlace(cursor));
  const lengths = cursor.many(count, () => readPlace(cursor));
  const newest = generations.reduce((best, generation, i) => (generation > generations[best]! ? i : best), 0);
  const [offset, length] = [offsets[newest], lengths[newest]];
  const base = { generation: generations[newest]!, height: heights[newest]! };
  if (offset === undefined || length === undefined) return { ...base, root: undefined };
  const file = files[fileIds[newest]!];
  if (!file) throw cursor.fail(`there is no file ${fileIds[newest]}`);
  return { ...base, root: { file, offset, length } };
}

/** A place in a file; undefined where all 64 bits are set, which means nowhere. */
function readPlace(cursor: OcdbtCursor): number | undefined {
  const start = cursor.at;
  for (let at = 0; at < 10; at++) {
    const byte = cursor.bytes[start + at];
    if (byte !== (at === 9 ? 0x01 : 0xff)) return cursor.varint();
  }
  cursor.skip(10);
  return undefined;
}
