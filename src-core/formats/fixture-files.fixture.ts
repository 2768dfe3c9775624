import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
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
}

/** Fixtures by the format they belong to: the one with the longest matching extension. Hostile files belong to none. */
export function fixturesOf(format: Format): readonly Fixture[] {
  return listFolders().flatMap((folder) => {
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

/** Reads a fixture as this format, with other bytes or under another name. Its set's other files are as they are. */
export async function readFixture(
  format: Format,
  fixture: Fixture,
  changed: { readonly bytes?: Uint8Array<ArrayBuffer>; readonly name?: string } = {},
): Promise<{ readonly result: ReadResult; readonly files: ReadonlyMap<FileId, ByteSource> }> {
  const id = changed.name ?? fixture.name;
  const source = bufferSource(changed.bytes ?? fixture.bytes, id);
  const folder = fixture.path.slice(0, -fixture.name.length);
  const others = fixture.set.filter((name) => name !== fixture.name);
  const files = new Map([
    [id, source],
    ...others.map((name) => [name, bufferSource(readBytes(folder + name), name)] as const),
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
 * With a slash at their end. `systems`, `digits` and `generation` hold cases, no model; `tokens` tokenizers; `modules` many files alike,
 * for running them, and `packed` for unpacking.
 */
const NO_FORMATS = ['systems/', 'digits/', 'generation/', 'tokens/', 'modules/', 'packed/'];
function listFolders(): readonly string[] {
  return readdirSync(ROOT, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/')}/`)
    .filter((path) => !path.startsWith('hostile/') && !NO_FORMATS.some((folder) => path.startsWith(folder)));
}

/** Without goldens, which carry the name of their file and `.json`. */
function listFixtures(folder: string): readonly string[] {
  const names = readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
  return names.filter((name) => !(name.endsWith('.json') && names.includes(name.slice(0, -'.json'.length))));
}

const cache = new Map<string, Uint8Array<ArrayBuffer>>();
function readBytes(path: string): Uint8Array<ArrayBuffer> {
  const bytes = cache.get(path) ?? Uint8Array.from(readFileSync(join(ROOT, path)));
  cache.set(path, bytes);
  return bytes;
}
