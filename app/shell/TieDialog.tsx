import { type FormEvent, useEffect, useMemo, useState } from 'react';
import { type Candidate, describeNode, listEntries } from '../state/candidates.ts';
import { makeEdit } from '../state/edits.ts';
import type { OpenedDocument } from '../state/engine.ts';
import { usePlace } from '../state/structure-edits.ts';
import { wordWrong } from '../state/tensor-editing.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import dialogs from './dialogs.module.css';
import { EntryChoice, wordForm } from './EntryChoice.tsx';
import s from './TensorDialog.module.css';

/** Lets a tensor share the memory of another one of its type and shape. */
export function TieDialog({ onClose }: { readonly onClose: () => void }) {
  const { document, node } = usePlace();
  const own = useMemo(() => document && describeNode(document, node), [document, node]);
  if (!document || !own) return null;
  return (
    <Dialog
      open
      onClose={onClose}
      title="Tie"
      about={
        <>
          <span className="mono">{own.key}</span> becomes the same memory as another tensor of its type and shape. What
          it holds now is gone.
        </>
      }
    >
      <TieForm document={document} own={own} onClose={onClose} />
    </Dialog>
  );
}

interface TieFormProps {
  readonly document: OpenedDocument;
  readonly own: Candidate;
  readonly onClose: () => void;
}

function TieForm({ document, own, onClose }: TieFormProps) {
  const [text, setText] = useState('');
  const [candidates, setCandidates] = useState<readonly Candidate[] | null>(null);
  const [chosen, setChosen] = useState<Candidate>();
  const [wrong, setWrong] = useState<string>();
  useEffect(() => {
    let isWanted = true;
    // Only what is alike can be tied.
    const isAlike = (one: Candidate) => one.node !== own.node && wordForm(one) === wordForm(own);
    void listEntries(document, own, text).then((found) => isWanted && setCandidates(found.filter(isAlike)));
    return () => {
      isWanted = false;
    };
  }, [document, own, text]);
  const to = chosen ?? candidates?.[0];
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!to) return;
    try {
      await makeEdit(document.id, { op: 'tie', args: { keys: [to.key, own.key] } });
      onClose();
    } catch (error) {
      setWrong(wordWrong(error));
    }
  };
  return (
    <form className={s.form} onSubmit={(event) => void submit(event)}>
      <EntryChoice
        label="Tensor whose numbers both have then"
        text={text}
        candidates={candidates}
        chosen={to}
        empty={`No other tensor is ${wordForm(own)}${text === '' ? '' : ' and called so'}.`}
        onSearch={(next) => {
          setText(next);
          setChosen(undefined);
          setWrong(undefined);
        }}
        onChoose={setChosen}
      />
      <div className={dialogs.actions}>
        <span className={dialogs.note} data-bad role="alert">
          {wrong}
        </span>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" type="submit" disabled={!to}>
          Tie
        </Button>
      </div>
    </form>
  );
}
