import { create } from 'zustand';
import { type ErrorInfo, StateglassError, toErrorInfo } from '../../src-core/index.ts';
import type { DocumentId, OpenedDocument, SavedBlob, SaveForecast } from '../engine/api.ts';
import { forgetDraft } from './drafts.ts';
import { engine } from './engine.ts';
import { saveFile } from './save-file.ts';
import { runTask } from './tasks.ts';
import { flushTyping } from './typing.ts';
import { addNotice, originOf, reopenSaved, showDialog } from './workspace.ts';

interface SaveState {
  readonly document: OpenedDocument | null;
  /** What would be written; null while that is found out. */
  readonly forecast: SaveForecast | null;
  readonly error: ErrorInfo | null;
}

export const useSave = create<SaveState>(() => ({ document: null, forecast: null, error: null }));

/** Opens the dialog that says what saving would write. */
export async function openSave(document: OpenedDocument): Promise<void> {
  useSave.setState({ document, forecast: null, error: null });
  showDialog('save');
  await flushTyping();
  try {
    useSave.setState({ forecast: await engine().saveForecast(document.id) });
  } catch (error) {
    useSave.setState({ error: toErrorInfo(error) });
  }
}

type Pickers = {
  showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
};
const pickers = globalThis as typeof globalThis & Pickers;

export const canPickPlace = (): boolean => pickers.showSaveFilePicker !== undefined;

type Writable = FileSystemFileHandle & {
  requestPermission?: (options: { mode: 'readwrite' }) => Promise<PermissionState>;
};

/** The place a document of one file came from, where the browser lets it be written to. */
export function placeOf(document: OpenedDocument): FileSystemFileHandle | undefined {
  const origin = originOf(document.id);
  const names = document.files.filter(({ part }) => part === 'model').map(({ name }) => name);
  if (origin?.kind !== 'files' || document.files.filter(({ part }) => part !== 'missing').length !== 1)
    return undefined;
  return origin.handles.find(({ name }) => name === names[0]);
}

/** Writes to the file it came from. The browser writes a copy beside it and puts it in its place when all is there. */
export const saveInPlace = (document: OpenedDocument, handle: FileSystemFileHandle): Promise<void> =>
  saveWith(document, async (blobs) => {
    const [saved] = blobs;
    if (saved) await putInto(handle, saved.blob);
    await forgetDraft(document);
    await openAgain(document.id, handle);
  });

/** Writes to a place a person chooses; the document is that file from then on. */
export async function saveAs(document: OpenedDocument): Promise<void> {
  const handle = await pickers.showSaveFilePicker?.({ suggestedName: document.name }).catch((error: unknown) => {
    // Closing a dialog is no failure.
    if (error instanceof DOMException && error.name === 'AbortError') return undefined;
    throw error;
  });
  if (handle) await saveInPlace(document, handle);
}

/** Hands every changed file to the browser, which saves it where it saves downloads. */
export const download = (document: OpenedDocument): Promise<void> =>
  saveWith(document, async (blobs) => {
    const { forecast } = useSave.getState();
    const isCopy = (file: string) => forecast?.files.find((one) => one.file === file)?.isCopy === true;
    const changed = blobs.filter(({ file }) => !isCopy(file));
    for (const { file, blob } of changed.length > 0 ? changed : blobs) {
      saveFile(blob, file.slice(file.lastIndexOf('/') + 1));
    }
  });

async function saveWith(document: OpenedDocument, put: (blobs: readonly SavedBlob[]) => Promise<void>): Promise<void> {
  showDialog(null);
  try {
    await flushTyping();
    const blobs = await runTask(`Saving ${document.name}`, (call) => engine().saveFiles(document.id, call));
    await put(blobs);
  } catch (error) {
    const info = toErrorInfo(error);
    if (info.kind !== 'cancelled') {
      addNotice({ file: document.name, error: info, retry: () => void saveWith(document, put) });
    }
  }
}

async function putInto(handle: Writable, blob: Blob): Promise<void> {
  if ((await handle.requestPermission?.({ mode: 'readwrite' })) === 'denied')
    throw refuse(handle.name, 'the browser was not allowed to write to it', 'Allow it when asked, or save elsewhere');
  const writable = await handle.createWritable();
  try {
    await writable.write(blob);
    await writable.close();
  } catch (error) {
    // What was there stays: the copy is thrown away.
    await writable.abort().catch(() => undefined);
    throw wordFailure(handle.name, error);
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
  new StateglassError({ kind: 'source', file, detail, advice });

async function openAgain(id: DocumentId, handle: FileSystemFileHandle): Promise<void> {
  const file = await handle.getFile();
  const files = [{ path: handle.name, handle: { kind: 'blob' as const, blob: file, name: handle.name } }];
  await reopenSaved(id, files, { kind: 'files', handles: [handle] });
}
