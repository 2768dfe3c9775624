import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { unzipSync } from 'fflate';
import { bufferSource } from '../bytes/buffer.ts';
import type { ByteSource, FileId } from '../bytes/source.ts';
import type { Format, ReadResult } from './format.ts';
import { FORMATS } from './registry.ts';

/** A tool that is compiled lies elsewhere, and runs in the project's folder. */
const BESIDE = join(import.meta.dirname, '../fixtures');
const ROOT = existsSync(BESIDE) ? BESIDE : 'src-core/fixtures';

/** A good file of a format, with the files it was opened with. */
export interface Fixture {
  /** Path in `src-core/fixtures`. */
  readonly path: string;
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Names of the set it is the primary of; itself when it is alone. */
  readonly set: readonly string[];
  /** All files of a folder that is kept as a zip; other sets lie beside their primary. */
  readonly packed?: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** Fixtures by the format they belong to: the one with the longest matching extension. Hostile files belong to none. */
export function fixturesOf(format: Format): readonly Fixture[] {
  return listFolders().flatMap((folder) => {
    if (folder === `${format.id}/` && format.extensions.length === 0) return foldersOf(format, folder);
    const names = listFixtures(folder);
    return names
      .filter((name) => ownerOf(name) === format)
      .map((name) => ({
        path: `${folder}${name}`,
        name,
        bytes: readBytes(`${folder}${name}`),
        set: format.gather?.(names).find((set) => set[0] === name) ?? [name],
      }));
  });
}

/** Folders of files, each in a zip of the format's own folder: the set that the format sees first in its names. */
function foldersOf(format: Format, folder: string): readonly Fixture[] {
  const zips = readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.zip'));
  return zips.flatMap((zip): Fixture[] => {
    const packed = unpackFolder(folder + zip);
    const set = format.gather?.([...packed.keys()])[0];
    const name = set?.[0];
    return set && name !== undefined ? [{ path: folder + zip, name, bytes: packed.get(name)!, set, packed }] : [];
  });
}

export function unpackFolder(path: string): ReadonlyMap<string, Uint8Array<ArrayBuffer>> {
  const files = Object.entries(unzipSync(readBytes(path)));
  return new Map(files.map(([name, bytes]) => [name, Uint8Array.from(bytes)]));
}

/** Reads a fixture as this format, with other bytes or under another name. Its set's other files are as they are. */
export async function readFixture(
  format: Format,
  fixture: Fixture,
  changed: {
    readonly bytes?: Uint8Array<ArrayBuffer>;
    readonly name?: string;
    /** Of the set's other files. */
    readonly others?: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  } = {},
): Promise<{ readonly result: ReadResult; readonly files: ReadonlyMap<FileId, ByteSource> }> {
  const id = changed.name ?? fixture.name;
  const source = bufferSource(changed.bytes ?? fixture.bytes, id.slice(id.lastIndexOf('/') + 1));
  const folder = fixture.path.slice(0, -fixture.name.length);
  const others = fixture.set.filter((name) => name !== fixture.name);
  const files = new Map([
    [id, source],
    ...others.map((name) => {
      const bytes = changed.others?.get(name) ?? fixture.packed?.get(name) ?? readBytes(folder + name);
      return [name, bufferSource(bytes, name.slice(name.lastIndexOf('/') + 1))] as const;
    }),
  ]);
  const { read } = await format.load();
  return { result: await read({ id, source, files, set: [...files.keys()] }), files };
}

function ownerOf(name: string): Format | undefined {
  let owner: Format | undefined;
  let longest = 0;
  for (const format of FORMATS) {
    for (const extension of format.extensions) {
      if (!name.toLowerCase().endsWith(extension) || extension.length <= longest) continue;
      owner = format;
      longest = extension.length;
    }
  }
  return owner;
}

/**
 * With a slash at their end. `systems`, `digits` and `generation` hold cases, no model; `tokens` and `gguf-tokens` tokenizers; `modules` many files alike,
 * for running them, and `packed` for unpacking.
 */
const NO_FORMATS = ['systems/', 'digits/', 'generation/', 'tokens/', 'gguf-tokens/', 'modules/', 'packed/'];
function listFolders(): readonly string[] {
  return readdirSync(ROOT, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/')}/`)
    .filter((path) => !path.startsWith('hostile/') && !NO_FORMATS.some((folder) => path.startsWith(folder)));
}

/** Without goldens: they say which script wrote them, and are no documents of anybody. */
function listFixtures(folder: string): readonly string[] {
  const names = readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
  return names.filter((name) => !(name.endsWith('.json') && isGolden(`${folder}${name}`)));
}

const HEAD = 2000;
const isGolden = (path: string): boolean =>
  Buffer.from(readBytes(path).subarray(0, HEAD)).toString('latin1').includes('"scriptSha256":');

const cache = new Map<string, Uint8Array<ArrayBuffer>>();
function readBytes(path: string): Uint8Array<ArrayBuffer> {
  const bytes = cache.get(path) ?? Uint8Array.from(readFileSync(join(ROOT, path)));
  cache.set(path, bytes);
  return bytes;
}
