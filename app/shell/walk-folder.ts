/** A file with its place in what was dropped or picked. */
export interface FoundFile {
  readonly path: string;
  readonly file: File;
}

/** More files than this are no model: a home directory was dropped by mistake. The largest known model has 163 shards. */
export const MOST_FILES = 20_000;
/** Metadata of zarr arrays. */
const OF_ZARR = new Set(['.zarray', '.zgroup', '.zattrs', '.zmetadata']);
/** `.git`, `.cache`, `.DS_Store`: no part of a model, and often more files than all the rest. */
export const isHidden = (name: string): boolean => name.startsWith('.') && !OF_ZARR.has(name);

/** Every file below a directory handle, hidden ones left out, in the order of their names. */
export async function walkHandle(root: FileSystemDirectoryHandle): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  const walk = async (directory: FileSystemDirectoryHandle, prefix: string): Promise<void> => {
    const children: FileSystemHandle[] = [];
    for await (const child of directory.values()) if (!isHidden(child.name)) children.push(child);
    children.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const child of children) {
      if (found.length >= MOST_FILES) return;
      const path = `${prefix}/${child.name}`;
      if (child.kind === 'directory') await walk(child as FileSystemDirectoryHandle, path);
      else found.push({ path, file: await (child as FileSystemFileHandle).getFile() });
    }
  };
  await walk(root, root.name);
  return found;
}

/** The same for browsers that have only the older entries. */
export async function walkEntry(root: FileSystemEntry): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  const walk = async (entry: FileSystemEntry, path: string): Promise<void> => {
    if (found.length >= MOST_FILES) return;
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
      found.push({ path, file });
      return;
    }
    const children = await readAll((entry as FileSystemDirectoryEntry).createReader());
    children.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const child of children) if (!isHidden(child.name)) await walk(child, `${path}/${child.name}`);
  };
  await walk(root, root.name);
  return found;
}

/** readEntries gives a hundred at a time, and none when it is done. */
async function readAll(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0 || all.length >= MOST_FILES) return all;
    all.push(...some);
  }
}

/** Paths are unique in a request: of two files with one path, the later gets a number. */
export function distinctPaths(files: readonly FoundFile[]): FoundFile[] {
  const seen = new Set<string>();
  return files.map(({ path, file }) => {
    let free = path;
    for (let n = 2; seen.has(free); n++) free = path.replace(/(\.[^./]*)?$/, ` (${n})$1`);
    seen.add(free);
    return { path: free, file };
  });
}
