import { StateglassError } from '../../src-core/index.ts';
import type { OpenedDocument } from '../engine/api.ts';
import type { SavedBlob } from '../engine/edit-api.ts';
import { type Offer, offeredFiles, originOf } from './workspace.ts';

type Permission = { requestPermission?: (options: { mode: 'readwrite' }) => Promise<PermissionState> };
type Pickers = {
  showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
  showDirectoryPicker?: (options: { mode: 'readwrite' }) => Promise<FileSystemDirectoryHandle>;
};
const pickers = globalThis as typeof globalThis & Pickers;

export const canPickFile = (): boolean => pickers.showSaveFilePicker !== undefined;
export const canPickFolder = (): boolean => pickers.showDirectoryPicker !== undefined;

/** Where the files of a document are written to. */
export interface Place {
  /** The file's name, or the folder's. */
  readonly name: string;
  /** Those that nothing was changed in are there already. */
  readonly isHome: boolean;
  /** Asked before anything is read: the browser asks a person only soon after a click. Throws when it is denied. */
  allow(): Promise<void>;
  /** Throws for files that are there and belong to somebody else. */
  check?(files: readonly string[]): Promise<void>;
  handleOf(file: string): Promise<FileSystemFileHandle>;
  /** Takes away what `handleOf` made and nothing was written to. */
  discard?(file: string): Promise<void>;
  /** The document as an offer, once these were written. */
  offer(written: ReadonlyMap<string, FileSystemFileHandle>): Promise<Pick<Offer, 'files' | 'origin'>>;
}

const baseName = (file: string): string => file.slice(file.lastIndexOf('/') + 1);

/** The place a document came from, where the browser lets all of `changed` be written to. */
export function placeOf(document: OpenedDocument, changed: readonly string[]): Place | undefined {
  const origin = originOf(document.id);
  if (origin?.kind === 'folder') return homeFolder(document, origin.handle);
  if (origin?.kind !== 'files') return undefined;
  const handles = new Map(origin.handles.map((handle) => [handle.name, handle]));
  const [first] = changed;
  if (first === undefined || !changed.every((file) => handles.has(file))) return undefined;
  return {
    name: changed.length === 1 ? first : 'their files',
    isHome: true,
    allow: async () => {
      for (const file of changed) await allow(handles.get(file)!);
    },
    handleOf: async (file) => handles.get(file)!,
    offer: async (written) => ({ files: await filesAfter(document, written), origin }),
  };
}

function homeFolder(document: OpenedDocument, root: FileSystemDirectoryHandle): Place {
  return {
    name: root.name,
    isHome: true,
    allow: () => allow(root),
    async handleOf(file) {
      const [, ...steps] = file.split('/');
      const name = steps.pop() ?? file;
      let folder = root;
      for (const step of steps) folder = await folder.getDirectoryHandle(step);
      return folder.getFileHandle(name, { create: true });
    },
    offer: async (written) => ({
      files: await filesAfter(document, written),
      origin: { kind: 'folder', handle: root },
    }),
  };
}

/** A folder that a person chooses; undefined when they do not. It may be the one that the files lie in. */
export async function pickFolderFor(document: OpenedDocument): Promise<Place | undefined> {
  const folder = await unlessDismissed(pickers.showDirectoryPicker?.({ mode: 'readwrite' }));
  if (!folder) return undefined;
  const origin = originOf(document.id);
  const files = document.files.filter(({ part }) => part !== 'missing').map(({ id }) => id);
  if (origin?.kind === 'folder') {
    const steps = (files[0] ?? '').split('/').slice(1, -1).join('/');
    if ((await origin.handle.resolve(folder))?.join('/') === steps) return homeFolder(document, origin.handle);
  }
  const own = origin?.kind === 'files' ? origin.handles.filter(({ name }) => files.includes(name)) : [];
  const found = await Promise.all(own.map((handle) => folder.resolve(handle)));
  if (own.length > 0 && found.every((path) => path?.length === 1)) {
    return {
      name: folder.name,
      isHome: true,
      allow: () => allow(folder),
      handleOf: (file) => folder.getFileHandle(baseName(file), { create: true }),
      offer: async (written) => {
        const handles = new Map([...own, ...written.values()].map((handle) => [handle.name, handle]));
        return {
          files: await filesAfter(document, written),
          origin: { kind: 'files', handles: [...handles.values()] },
        };
      },
    };
  }
  return newFolder(folder);
}

/** Nothing that lies there already is written over. */
const newFolder = (folder: FileSystemDirectoryHandle): Place => ({
  name: folder.name,
  isHome: false,
  allow: () => allow(folder),
  async check(files) {
    for (const name of files.map(baseName)) {
      const there = await folder.getFileHandle(name).catch(() => undefined);
      if (there) throw refuse(name, `it is in ${folder.name} already`, 'Choose a folder where no file has this name');
    }
  },
  handleOf: (file) => folder.getFileHandle(baseName(file), { create: true }),
  discard: (file) => folder.removeEntry(baseName(file)),
  offer: async (written) => ({
    files: await Promise.all([...written.values()].map((handle) => readAgain(`${folder.name}/${handle.name}`, handle))),
    origin: { kind: 'folder', handle: folder },
  }),
});

/** A file that a person chooses; undefined when they do not. */
export async function pickFileFor(document: OpenedDocument): Promise<Place | undefined> {
  const handle = await unlessDismissed(pickers.showSaveFilePicker?.({ suggestedName: document.name }));
  return (
    handle && {
      name: handle.name,
      isHome: false,
      allow: () => allow(handle),
      handleOf: async () => handle,
      offer: async () => ({
        files: [await readAgain(handle.name, handle)],
        origin: { kind: 'files', handles: [handle] },
      }),
    }
  );
}

/** Closing a dialog is no failure. */
async function unlessDismissed<T>(picking: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await picking;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return undefined;
    throw error;
  }
}

/** The document's files: those that were written as they are now, the others as they were. */
async function filesAfter(
  document: OpenedDocument,
  written: ReadonlyMap<string, FileSystemFileHandle>,
): Promise<Offer['files']> {
  const own = new Set(document.files.map(({ id }) => id));
  const kept = offeredFiles(document.id).filter(({ path }) => own.has(path) && !written.has(path));
  return [...kept, ...(await Promise.all([...written].map(([path, handle]) => readAgain(path, handle))))];
}

async function readAgain(path: string, handle: FileSystemFileHandle): Promise<Offer['files'][number]> {
  return { path, handle: { kind: 'blob', blob: await handle.getFile(), name: handle.name } };
}

async function allow(handle: FileSystemHandle & Permission): Promise<void> {
  if ((await handle.requestPermission?.({ mode: 'readwrite' })) === 'denied')
    throw refuse(handle.name, 'the browser was not allowed to write to it', 'Allow it when asked, or save elsewhere');
}

/**
 * Writes files: copies of all beside them first, which take their places when every one is whole. A file may be made of ranges of
 * another that is written too: none is replaced before all were read.
 */
export async function putAll(
  place: Place,
  blobs: readonly SavedBlob[],
): Promise<ReadonlyMap<string, FileSystemFileHandle>> {
  const written = new Map<string, FileSystemFileHandle>();
  const open: { readonly file: string; readonly writable: FileSystemWritableFileStream }[] = [];
  let name = place.name;
  await place.check?.(blobs.map(({ file }) => file));
  try {
    for (const { file, blob } of blobs) {
      name = baseName(file);
      const handle = await place.handleOf(file);
      const writable = await handle.createWritable();
      open.push({ file, writable });
      await writable.write(blob);
      written.set(file, handle);
    }
    for (let next = open[0]; next; next = open[0]) {
      name = baseName(next.file);
      await next.writable.close();
      open.shift();
    }
    return written;
  } catch (error) {
    // What was there stays: the copies are thrown away.
    for (const { file, writable } of open) {
      await writable.abort().catch(() => undefined);
      await place.discard?.(file).catch(() => undefined);
    }
    throw wordFailure(name, error);
  }
}

function wordFailure(name: string, error: unknown): unknown {
  if (!(error instanceof DOMException)) return error;
  if (error.name === 'QuotaExceededError')
    return refuse(name, 'there is not enough room to write it', 'The file is as it was. Make room, or save elsewhere');
  if (error.name === 'NotAllowedError')
    return refuse(
      name,
      'the browser is not allowed to write to it any more',
      'Save again and allow it, or save elsewhere',
    );
  return refuse(name, `it could not be written: ${error.message}`, 'The file is as it was. Save elsewhere');
}

const refuse = (file: string, detail: string, advice: string): StateglassError =>
  new StateglassError({ kind: 'source', file, detail, advice, written: true });
