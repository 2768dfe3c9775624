/** The data file table of a node: where the nodes and values that it names are. */
import { StateglassError } from '../../base/errors.ts';
import type { FileId } from '../../bytes/source.ts';
import { decodeText } from '../../bytes/wtf8.ts';
import { FORMAT, type OcdbtCursor } from './ocdbt-reader.ts';

export interface DataFile {
  readonly id: FileId;
  /** What paths in a node of this file begin at, with a slash at its end where there is one. */
  readonly base: string;
}

/** `base`: of the node, a folder in the document. Paths that climb out of it are refused: they may mean other files of the same drop. */
export function readDataFiles(cursor: OcdbtCursor, base: string): readonly DataFile[] {
  const count = cursor.varint();
  if (count > cursor.left) throw cursor.fail(`${count} files in ${cursor.left} bytes`);
  if (count === 0) return [];
  const prefixes = [0, ...cursor.varints(count - 1)];
  const suffixes = cursor.varints(count);
  const bases = cursor.varints(count);
  let path: Uint8Array<ArrayBuffer> = new Uint8Array();
  return prefixes.map((prefix, i) => {
    if (prefix > path.length) throw cursor.fail('a path shares more with the one before than there is');
    path = joinBytes(path.subarray(0, prefix), cursor.take(suffixes[i]!));
    if (bases[i]! > path.length) throw cursor.fail('the base of a path is longer than the path');
    const text = decodeText(path);
    if (!isInside(text)) {
      const detail = `it names ${JSON.stringify(text.slice(0, 80))}, which lies outside its folder`;
      throw new StateglassError({ kind: 'unsupported', file: base, format: FORMAT, detail });
    }
    return { id: base + text, base: base + decodeText(path.subarray(0, bases[i]!)) };
  });
}

const isInside = (path: string): boolean =>
  path !== '' &&
  !path.startsWith('/') &&
  !/[\\\0]/.test(path) &&
  !/^[a-z][a-z0-9+.-]*:/i.test(path) &&
  path.split('/').every((segment) => segment !== '..' && segment !== '.' && segment !== '');

export function joinBytes(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
