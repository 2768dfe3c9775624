import { webAddress } from '../state/deep-link.ts';
import { titleOfPaths } from '../state/offer-title.ts';
import type { Offer } from '../state/workspace.ts';
import { distinctPaths, type FoundFile, walkEntry, walkHandle } from './walk-folder.ts';

/** What a drop or a paste held. */
export type Dropped =
  /** `unread`: names of what could not even be looked at. */
  | { readonly kind: 'files'; readonly offer: Offer; readonly unread: readonly string[] }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'nothing' };

type HandleItem = DataTransferItem & { getAsFileSystemHandle?: () => Promise<FileSystemHandle | null> };

/**
 * Takes everything out of a DataTransfer before it returns: after the first await the browser empties it. The promise then
 * does the slow part, walking folders.
 */
export function readDrop(transfer: DataTransfer): Promise<Dropped> {
  const taken = [...transfer.items]
    .filter((item) => item.kind === 'file')
    .map((item) => ({
      handle: (item as HandleItem).getAsFileSystemHandle?.().catch(() => null),
      entry: item.webkitGetAsEntry?.() ?? null,
      file: item.getAsFile(),
    }));
  const text = transfer.getData('text/uri-list') || transfer.getData('text/plain');
  if (taken.length === 0) return Promise.resolve(readText(text));
  return collect(taken);
}

/** Text that was dropped or pasted: an address, or the text of a document. */
export function readText(text: string): Dropped {
  const trimmed = text.trim();
  if (trimmed === '') return { kind: 'nothing' };
  if (/^hf:\/\/\S+$/i.test(trimmed)) return { kind: 'url', url: trimmed };
  const url = webAddress(trimmed.split('\n')[0]!);
  return url && !trimmed.includes('\n') ? { kind: 'url', url: url.href } : { kind: 'text', text };
}

interface Taken {
  readonly handle: Promise<FileSystemHandle | null> | undefined;
  readonly entry: FileSystemEntry | null;
  readonly file: File | null;
}

async function collect(taken: readonly Taken[]): Promise<Dropped> {
  const found: FoundFile[] = [];
  const kept: FileSystemHandle[] = [];
  const unread: string[] = [];
  for (const { handle: pending, entry, file } of taken) {
    const handle = await pending;
    const before = found.length;
    try {
      found.push(...(await readItem(handle, entry, file)));
      if (handle) kept.push(handle);
    } catch {
      // Gone or forbidden since it was listed: the others are opened all the same.
      found.length = before;
      unread.push(handle?.name ?? entry?.name ?? file?.name ?? 'a file');
    }
  }
  return { kind: 'files', offer: offerOf(found, taken.length === kept.length ? kept : []), unread };
}

async function readItem(
  handle: FileSystemHandle | null | undefined,
  entry: FileSystemEntry | null,
  file: File | null,
): Promise<FoundFile[]> {
  if (handle?.kind === 'directory') return walkHandle(handle as FileSystemDirectoryHandle);
  if (handle) return [{ path: handle.name, file: await (handle as FileSystemFileHandle).getFile() }];
  if (entry?.isDirectory) return walkEntry(entry);
  return file ? [{ path: file.name, file }] : [];
}

/** An offer to open, remembered by the handles it came from where the browser gives them. */
export function offerOf(found: readonly FoundFile[], handles: readonly FileSystemHandle[]): Offer {
  const files = distinctPaths(found).map(({ path, file }) => ({
    path,
    handle: { kind: 'blob', blob: file, name: file.name } as const,
  }));
  const folder = handles.length === 1 && handles[0]!.kind === 'directory' ? handles[0]! : undefined;
  const title = folder?.name ?? titleOfPaths(files.map((file) => file.path));
  if (folder) return { title, files, origin: { kind: 'folder', handle: folder as FileSystemDirectoryHandle } };
  const fileHandles = handles.filter((handle): handle is FileSystemFileHandle => handle.kind === 'file');
  if (fileHandles.length === 0 || fileHandles.length !== handles.length) return { title, files };
  return { title, files, origin: { kind: 'files', handles: fileHandles } };
}
