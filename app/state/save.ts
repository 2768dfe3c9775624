import { create } from 'zustand';
import { type ErrorInfo, toErrorInfo } from '../../src-core/index.ts';
import type { OpenedDocument } from '../engine/api.ts';
import type { SavedBlob, SaveForecast } from '../engine/edit-api.ts';
import { forgetDraft } from './drafts.ts';
import { engine } from './engine.ts';
import { saveFile } from './save-file.ts';
import { type Place, pickFileFor, pickFolderFor, putAll } from './save-places.ts';
import { runTask } from './tasks.ts';
import { flushTyping } from './typing.ts';
import { addNotice, offeredFiles, reopenSaved, showDialog } from './workspace.ts';

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

/**
 * Writes to a place: only what was changed where the rest is already, all of it elsewhere. The browser writes copies beside the files
 * and puts them in their places when all is there. The document is what was written from then on.
 */
export const saveInto = (document: OpenedDocument, place: Place): Promise<void> =>
  saveWith(
    document,
    () => place.allow(),
    async (blobs) => {
      const meant = place.isHome ? blobs.filter(({ isCopy }) => !isCopy) : [...blobs, ...companionsOf(document)];
      const { files, origin } = await place.offer(await putAll(place, meant));
      await forgetDraft(document);
      await reopenSaved(document.id, files, origin);
    },
  );

/** To a file that a person chooses. */
export async function saveAs(document: OpenedDocument): Promise<void> {
  const place = await pickFileFor(document);
  if (place) await saveInto(document, place);
}

/** To a folder that a person chooses: the one that the files lie in, or another, where all of them are put. */
export async function saveToFolder(document: OpenedDocument): Promise<void> {
  const place = await pickFolderFor(document);
  if (place) await saveInto(document, place);
}

/** What lies beside a model goes with it. */
function companionsOf(document: OpenedDocument): readonly SavedBlob[] {
  const beside = new Set(document.files.filter(({ part }) => part === 'companion').map(({ id }) => id));
  return offeredFiles(document.id).flatMap(({ path, handle }) =>
    beside.has(path) && handle.kind === 'blob' ? [{ file: path, blob: handle.blob, isCopy: true }] : [],
  );
}

/** Hands every changed file to the browser, which saves it where it saves downloads. */
export const download = (document: OpenedDocument): Promise<void> =>
  saveWith(document, undefined, async (blobs) => {
    const changed = blobs.filter(({ isCopy }) => !isCopy);
    for (const { file, blob } of changed.length > 0 ? changed : blobs) {
      saveFile(blob, file.slice(file.lastIndexOf('/') + 1));
    }
  });

async function saveWith(
  document: OpenedDocument,
  allow: (() => Promise<void>) | undefined,
  put: (blobs: readonly SavedBlob[]) => Promise<void>,
): Promise<void> {
  showDialog(null);
  try {
    await allow?.();
    await flushTyping();
    const blobs = await runTask(`Saving ${document.name}`, (call) => engine().saveFiles(document.id, call));
    await put(blobs);
  } catch (error) {
    const info = toErrorInfo(error);
    if (info.kind !== 'cancelled') {
      addNotice({ file: document.name, error: info, retry: () => void saveWith(document, allow, put) });
    }
  }
}
