import { type FormEvent, useState } from 'react';
import { openText } from '../state/workspace.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import s from './dialogs.module.css';

interface PasteDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

export function PasteDialog({ open, onClose }: PasteDialogProps) {
  const [text, setText] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === '') return;
    onClose();
    setText('');
    void openText(text);
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Paste text"
      about="JSON, TOML, YAML, or the text of a state dict. It stays on this page."
    >
      <form onSubmit={submit} className={s.form}>
        <textarea
          autoFocus
          rows={10}
          aria-label="Text"
          placeholder={'{\n  "agent.instructions": "Answer in one sentence."\n}'}
          className={`mono ${s.field}`}
          value={text}
          onChange={(event) => setText(event.target.value)}
          spellCheck={false}
        />
        <div className={s.actions}>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={text.trim() === ''}>
            Open
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
