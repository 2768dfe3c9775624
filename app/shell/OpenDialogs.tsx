import { type FormEvent, useState } from 'react';
import { webAddress } from '../state/deep-link.ts';
import { openText, openUrl } from '../state/workspace.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import s from './dialogs.module.css';

interface OpenDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

export function UrlDialog({ open, onClose }: OpenDialogProps) {
  const [text, setText] = useState('');
  const [refused, setRefused] = useState(false);
  const address = webAddress(text);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!address) return setRefused(true);
    onClose();
    setText('');
    void openUrl(address.href);
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Open a URL"
      about="Only the parts that are needed are fetched, where the server can send ranges and lets this page read them."
    >
      <form onSubmit={submit} className={s.form}>
        <input
          autoFocus
          type="text"
          inputMode="url"
          aria-label="Address"
          aria-invalid={refused}
          aria-describedby="url-note"
          placeholder="https://example.org/model.safetensors"
          className={`mono ${s.field}`}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setRefused(false);
          }}
          spellCheck={false}
        />
        <p id="url-note" className={s.note} data-bad={refused || undefined}>
          {refused
            ? 'That is no web address: it begins with https:// or http://.'
            : address
              ? `This makes requests to ${address.host}.`
              : 'No request is made before you press Open.'}
        </p>
        <div className={s.actions}>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit">
            Open
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export function PasteDialog({ open, onClose }: OpenDialogProps) {
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
      about="JSON, TOML, or the text of a state dict. It stays on this page."
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
