import { type FormEvent, useState } from 'react';
import { type DonorIds, findDonors } from '../state/donors.ts';
import { replayWith, useReplay, type Waiting } from '../state/replay.ts';
import { useWorkspace } from '../state/workspace.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { plural } from '../ui/format.ts';
import dialogs from './dialogs.module.css';
import { pickBeside } from './pick-files.ts';
import s from './TensorDialog.module.css';

/** A recipe takes values from other documents: a person says which of the open ones they are. */
export function DonorsDialog({ onClose }: { readonly onClose: () => void }) {
  const waiting = useReplay((state) => state.waiting);
  if (!waiting) return null;
  return (
    <Dialog
      open
      onClose={onClose}
      title="Replay a recipe"
      about={
        <>
          <span className="mono">{waiting.name}</span> takes values from{' '}
          {plural(waiting.donors.length, 'other document')}. For each, say which of the open ones it is, or open its
          file.
        </>
      }
    >
      <DonorChoices waiting={waiting} onClose={onClose} />
    </Dialog>
  );
}

function DonorChoices({ waiting, onClose }: { readonly waiting: Waiting; readonly onClose: () => void }) {
  const documents = useWorkspace((state) => state.documents);
  const [chosen, setChosen] = useState<DonorIds>({});
  const { found } = findDonors(waiting.document, waiting.edits, documents);
  const others = documents.filter(({ id }) => id !== waiting.document);
  const donors: DonorIds = { ...found, ...chosen };
  const missing = waiting.donors.filter((name) => !others.some(({ id }) => id === donors[name]));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onClose();
    void replayWith(waiting, donors);
  };
  return (
    <form className={s.form} onSubmit={submit}>
      {waiting.donors.map((name) => (
        <label key={name} className={s.label}>
          <span className="mono">{name}</span>
          <select
            className={`mono ${dialogs.field}`}
            value={donors[name] ?? ''}
            onChange={(event) => setChosen({ ...chosen, [name]: Number(event.target.value) })}
          >
            <option value="" disabled>
              is not open
            </option>
            {others.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        </label>
      ))}
      <div className={dialogs.actions}>
        <span className={dialogs.note} role="status">
          {missing.length > 0 && `Still to open: ${missing.join(', ')}`}
        </span>
        <Button onClick={() => void pickBeside(waiting.document)}>Open files…</Button>
        <Button look="primary" type="submit" disabled={missing.length > 0}>
          Replay {plural(waiting.edits.length, 'edit')}
        </Button>
      </div>
    </form>
  );
}
