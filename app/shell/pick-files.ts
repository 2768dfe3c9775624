import { awaitBase } from '../state/base.ts';
import { awaitOther } from '../state/compare.ts';
import type { DocumentId } from '../state/engine.ts';
import { reopenRepo } from '../state/hub.ts';
import type { Recent } from '../state/recents.ts';
import { activate, openOffer, openUrl } from '../state/workspace.ts';
import { offerOf } from './read-drop.ts';
import { type FoundFile, isHidden, walkHandle } from './walk-folder.ts';

type Pickers = {
  showOpenFilePicker?: (options: { multiple: boolean }) => Promise<FileSystemFileHandle[]>;
  showDirectoryPicker?: () => Promise<FileSystemDirectoryHandle>;
};
const pickers = globalThis as typeof globalThis & Pickers;

/** The browser's file dialog; with handles where it has them, so that the file is among the recent ones. */
export async function pickFiles(): Promise<void> {
  if (!pickers.showOpenFilePicker) return pickByInput(false);
  const handles = await unlessDismissed(pickers.showOpenFilePicker({ multiple: true }));
  if (handles) await openHandles(handles);
}

/** As `pickFiles`; what is opened is compared with a document that is open. */
export async function pickToCompare(document: DocumentId): Promise<void> {
  awaitOther(document);
  await pickFiles();
  awaitOther(null);
}

/** As `pickFiles`; what is opened is what both sides of a comparison come from. */
export async function pickBase(): Promise<void> {
  awaitBase(true);
  await pickFiles();
  awaitBase(false);
}

/** As `pickFiles`; the document that is looked at stays in view. */
export async function pickBeside(document: DocumentId): Promise<void> {
  await pickFiles();
  activate(document);
}

export async function pickFolder(): Promise<void> {
  if (!pickers.showDirectoryPicker) return pickByInput(true);
  const handle = await unlessDismissed(pickers.showDirectoryPicker());
  if (handle) await openOffer(offerOf(await walkHandle(handle), [handle]));
}

async function openHandles(handles: readonly FileSystemFileHandle[]): Promise<void> {
  const found = await Promise.all(handles.map(async (handle) => ({ path: handle.name, file: await handle.getFile() })));
  await openOffer(offerOf(found, handles));
}

/** Closing a dialog is no failure. */
async function unlessDismissed<T>(picking: Promise<T>): Promise<T | undefined> {
  try {
    return await picking;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return undefined;
    throw error;
  }
}

/** Resolves once files were chosen, or not. */
function pickByInput(folder: boolean): Promise<void> {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.webkitdirectory = folder;
  const { promise, resolve } = Promise.withResolvers<void>();
  input.addEventListener('cancel', () => resolve());
  input.addEventListener('change', () => {
    const found: FoundFile[] = [...(input.files ?? [])]
      .map((file) => ({ path: file.webkitRelativePath || file.name, file }))
      .filter(({ path }) => !path.split('/').some(isHidden));
    if (found.length > 0) void openOffer(offerOf(found, [])).then(resolve);
    else resolve();
  });
  input.click();
  return promise;
}

type Askable = FileSystemHandle & { requestPermission?: (o: { mode: 'read' }) => Promise<PermissionState> };

/** Opens a recent one again. Kept handles ask for permission, which the browser grants only within a click. */
export async function openRecent(recent: Recent): Promise<boolean> {
  const { source } = recent;
  if (source.kind === 'url') {
    await openUrl(source.url);
    return true;
  }
  if (source.kind === 'hub') {
    await reopenRepo(source);
    return true;
  }
  const handles: readonly Askable[] = source.kind === 'folder' ? [source.handle] : source.handles;
  for (const handle of handles) {
    if ((await handle.requestPermission?.({ mode: 'read' })) === 'denied') return false;
  }
  try {
    if (source.kind === 'folder') await openOffer(offerOf(await walkHandle(source.handle), [source.handle]));
    else await openHandles(source.handles);
    return true;
  } catch {
    return false;
  }
}
