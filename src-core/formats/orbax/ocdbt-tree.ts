/** The keys of a database: a B-tree whose nodes keep of each key what it does not share with the one before. */
import { malformed, StateglassError, throwIfAborted } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { FileId, FileSet } from '../../bytes/source.ts';
import { decodeText } from '../../bytes/wtf8.ts';
import type { KeyValues, StoredValue } from './key-values.ts';
import { joinBytes, readDataFiles } from './ocdbt-files.ts';
import { type Manifest, type NodePlace, readManifest } from './ocdbt-manifest.ts';
import { FORMAT, MAGIC, type OcdbtCursor, readBody } from './ocdbt-reader.ts';

/**
 * Everything that a database names, at its newest version: small values themselves, others by their places. `id` is its
 * manifest, `folder` what paths in it begin at, with a slash at its end.
 *
 * @throws `malformed`, `unsupported` and `limit` for nodes that are not as they should be, `not-found` for a file that is not here.
 */
export async function readDatabase(
  id: FileId,
  folder: string,
  files: FileSet,
  signal: AbortSignal | undefined,
): Promise<{ readonly values: KeyValues; readonly manifest: Manifest }> {
  const source = files.get(id);
  if (!source) throw new StateglassError({ kind: 'not-found', what: id, detail: 'it is not here' });
  const manifest = await readManifest(source, folder, signal);
  const values = new Map<string, StoredValue>();
  if (manifest.root) await visit(manifest.root, manifest.height, new Uint8Array());
  return { values, manifest };

  async function visit(place: NodePlace, height: number, prefix: Uint8Array<ArrayBuffer>): Promise<void> {
    throwIfAborted(signal);
    const { id, base } = place.file;
    const file = files.get(id);
    if (!file) throw new StateglassError({ kind: 'not-found', what: id, detail: 'a part of the database is not here' });
    const cursor = await readBody(file, place.offset, place.offset + place.length, MAGIC.node, signal);
    const level = cursor.u8();
    // Each node is one level nearer to the keys, so that no path comes back to where it was.
    if (level !== height || level > LIMITS.ocdbtHeight)
      throw malformed(
        file.name,
        FORMAT,
        `a node of level ${level} stands where one of level ${height} should`,
        place.offset,
      );
    const table = readDataFiles(cursor, base);
    const count = cursor.count('ocdbtKeys');
    const keys = readKeys(cursor, count, level > 0);
    if (level === 0) readValues(cursor, keys, prefix, table);
    else
      for (const child of readChildren(cursor, keys, prefix, table)) await visit(child.place, level - 1, child.prefix);
  }

  function readValues(
    cursor: OcdbtCursor,
    keys: readonly NodeKey[],
    prefix: Uint8Array<ArrayBuffer>,
    table: ReturnType<typeof readDataFiles>,
  ): void {
    const lengths = cursor.varints(keys.length);
    const kinds = cursor.many(keys.length, () => cursor.u8());
    const indirect = kinds.filter((kind) => kind === 1).length;
    if (kinds.some((kind) => kind > 1)) throw cursor.fail('a value is of no kind that there is');
    const fileIds = cursor.varints(indirect);
    const offsets = cursor.varints(indirect);
    let at = 0;
    for (const [i, { key }] of keys.entries()) {
      const name = decodeText(joinBytes(prefix, key));
      if (values.size >= LIMITS.ocdbtKeys) throw tooMany(folder, values.size + 1);
      if (kinds[i] === 0) values.set(name, { kind: 'inline', bytes: cursor.take(lengths[i]!).slice() });
      else {
        const file = table[fileIds[at]!];
        if (!file) throw cursor.fail(`there is no file ${fileIds[at]}`);
        values.set(name, { kind: 'slice', file: file.id, offset: offsets[at++]!, length: lengths[i]! });
      }
    }
  }
}

interface NodeKey {
  readonly key: Uint8Array<ArrayBuffer>;
  /** Bytes that all keys below begin with. */
  readonly shared: number;
}

function readKeys(cursor: OcdbtCursor, count: number, isInner: boolean): readonly NodeKey[] {
  if (count === 0) return [];
  const prefixes = [0, ...cursor.varints(count - 1)];
  const suffixes = cursor.varints(count);
  const shared = isInner ? cursor.varints(count) : [];
  let key: Uint8Array<ArrayBuffer> = new Uint8Array();
  return prefixes.map((prefix, i) => {
    if (prefix > key.length) throw cursor.fail('a key shares more with the one before than there is');
    key = joinBytes(key.subarray(0, prefix), cursor.take(suffixes[i]!));
    if ((shared[i] ?? 0) > key.length) throw cursor.fail('keys share more than the first of them has');
    return { key, shared: shared[i] ?? 0 };
  });
}

/** Counts of what is below stand behind the places, and are not needed. */
function readChildren(
  cursor: OcdbtCursor,
  keys: readonly NodeKey[],
  prefix: Uint8Array<ArrayBuffer>,
  table: ReturnType<typeof readDataFiles>,
): readonly { readonly place: NodePlace; readonly prefix: Uint8Array<ArrayBuffer> }[] {
  const fileIds = cursor.varints(keys.length);
  const offsets = cursor.varints(keys.length);
  const lengths = cursor.varints(keys.length);
  return keys.map(({ key, shared }, i) => {
    const file = table[fileIds[i]!];
    if (!file) throw cursor.fail(`there is no file ${fileIds[i]}`);
    return {
      place: { file, offset: offsets[i]!, length: lengths[i]! },
      prefix: joinBytes(prefix, key.subarray(0, shared)),
    };
  });
}

const tooMany = (file: string, value: number): StateglassError =>
  new StateglassError({
    kind: 'limit',
    file,
    limit: 'ocdbtKeys',
    value,
    max: LIMITS.ocdbtKeys,
    detail: 'the database has too many keys',
  });
