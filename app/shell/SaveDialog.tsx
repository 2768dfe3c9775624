import { Download, FilePen, FolderInput, Save } from 'lucide-react';
import { describeError, isSidecar } from '../../src-core/index.ts';
import { useEditLog } from '../state/edits.ts';
import { download, saveAs, saveInto, saveToFolder, useSave } from '../state/save.ts';
import { canPickFile, canPickFolder, placeOf } from '../state/save-places.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { bytesText, plural } from '../ui/format.ts';
import { Loading } from '../ui/States.tsx';
import dialogs from './dialogs.module.css';
import s from './SaveDialog.module.css';

interface SaveDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

/** What saving would write, and where to. */
export function SaveDialog({ open, onClose }: SaveDialogProps) {
  const { document, forecast, error } = useSave();
  const { cursor } = useEditLog(document?.id);
  if (!document) return null;
  const changed = forecast?.files.filter(({ isCopy }) => !isCopy).map(({ file }) => file) ?? [];
  const place = placeOf(document, changed);
  const isOne = forecast === null || forecast.files.length === 1;
  const isReady = forecast?.savable === true && cursor > 0;
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={`Save ${document.name}`}
      about="What was not touched stays byte for byte. What was written is opened again and compared before it takes its place."
    >
      <div className={s.body}>
        <p className={s.count}>{plural(cursor, 'edit')} to write</p>
        {!forecast && !error && <Loading label="Planning the file" />}
        {error && <p className={s.problem}>{describeError(error)}.</p>}
        {forecast && !forecast.savable && (
          <p className={s.problem}>
            {document.formatLabel} files are not written here yet. Export its tensors to another format instead.
          </p>
        )}
        {forecast && forecast.files.length > 0 && (
          <ul className={`${dialogs.list} ${s.files}`} aria-label="Files">
            {forecast.files.map(({ file, size, newBytes, isCopy }) => (
              <li key={file} data-same={isCopy || undefined}>
                <span>
                  <span className="mono">{file}</span>
                  {isSidecar(file) && ' · roles, which the file itself has no place for'}
                </span>
                <span className="numbers">
                  {isCopy
                    ? 'unchanged'
                    : `${size === undefined ? '' : `${bytesText(size)}, `}${bytesText(newBytes)} of it new`}
                </span>
              </li>
            ))}
          </ul>
        )}
        {forecast && forecast.losses.length > 0 && (
          <ul className={`${dialogs.list} ${s.losses}`} aria-label="What cannot be kept">
            {forecast.losses.map(({ code, message }) => (
              <li key={code + message}>{message}</li>
            ))}
          </ul>
        )}
        <div className={dialogs.actions}>
          <Button onClick={onClose}>Cancel</Button>
          <Button disabled={!isReady} onClick={() => void download(document)}>
            <Download size={14} aria-hidden="true" />
            Download
          </Button>
          {!isOne && canPickFolder() && (
            <Button disabled={!isReady} onClick={() => void saveToFolder(document)}>
              <FolderInput size={14} aria-hidden="true" />
              Save to a folder…
            </Button>
          )}
          {isOne && canPickFile() && (
            <Button disabled={!isReady} onClick={() => void saveAs(document)}>
              <FilePen size={14} aria-hidden="true" />
              Save as…
            </Button>
          )}
          {place && (
            <Button look="primary" disabled={!isReady} onClick={() => void saveInto(document, place)}>
              <Save size={14} aria-hidden="true" />
              Save to {place.name}
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
