import { type FormEvent, useEffect, useRef, useState } from 'react';
import { type ErrorInfo, type HubAddress, parseHubAddress, toErrorInfo } from '../../src-core/index.ts';
import { webAddress } from '../state/deep-link.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorCard, ProgressBar } from '../ui/States.tsx';
import s from './dialogs.module.css';
import { explainError } from './explain-error.ts';

/** What a person has filled in. */
export interface Asked {
  readonly text: string;
  /** Empty: what the address says, else the main branch. */
  readonly revision: string;
  readonly token: string;
  readonly base: string;
}

interface AddressFormProps {
  readonly asked: Asked;
  readonly onChange: (change: Partial<Asked>) => void;
  readonly failure: ErrorInfo | undefined;
  readonly busy: boolean;
  readonly onCancel: () => void;
  readonly onList: () => void;
  readonly onOpen: (url: string) => void;
}

/** One field for an address or the name of a repo, and what only repos need. */
export function AddressForm({ asked, onChange, failure, busy, onCancel, onList, onOpen }: AddressFormProps) {
  const [refused, setRefused] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  const base = webAddress(asked.base)?.href.replace(/\/+$/, '');
  const target = base ? readTarget(asked.text, base) : undefined;
  const isFile = target?.kind === 'file';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    if (target?.kind === 'file') onOpen(target.url);
    else if (target?.kind === 'repo') onList();
    else setRefused(true);
  };
  const note = noteOf(asked.text, target, base === undefined, refused);
  const words = failure && explainError(failure);
  return (
    <form onSubmit={submit} className={s.form}>
      <input
        ref={first}
        type="text"
        inputMode="url"
        aria-label="Address or repo"
        aria-invalid={refused || undefined}
        aria-describedby="remote-note"
        placeholder="org/name, or https://example.org/model.safetensors"
        className={`mono ${s.field}`}
        value={asked.text}
        readOnly={busy}
        onChange={(event) => {
          onChange({ text: event.target.value });
          setRefused(false);
        }}
        spellCheck={false}
        autoCapitalize="off"
      />
      <div className={s.pair}>
        <label>
          Revision
          <input
            type="text"
            className={`mono ${s.field}`}
            placeholder={target?.kind === 'repo' ? target.repo.revision : 'main'}
            value={asked.revision}
            disabled={isFile}
            readOnly={busy}
            onChange={(event) => onChange({ revision: event.target.value.trim() })}
            spellCheck={false}
          />
        </label>
        <label>
          Access token
          <input
            type="password"
            className={`mono ${s.field}`}
            placeholder="for gated and private repos"
            aria-describedby="token-note"
            value={asked.token}
            disabled={isFile}
            readOnly={busy}
            autoComplete="off"
            onChange={(event) => onChange({ token: event.target.value.trim() })}
          />
        </label>
      </div>
      <p id="token-note" className={s.note}>
        Revision and token are for repos. A token goes to the hub alone and is forgotten with this page.
      </p>
      <details className={s.more}>
        <summary>More</summary>
        <label>
          Hub
          <input
            type="text"
            inputMode="url"
            className={`mono ${s.field}`}
            aria-invalid={base === undefined || undefined}
            value={asked.base}
            readOnly={busy}
            onChange={(event) => onChange({ base: event.target.value.trim(), token: '' })}
            spellCheck={false}
          />
        </label>
      </details>
      {words && <ErrorCard title={words.title} what={words.what} advice={words.advice} tone={words.tone} />}
      <div className={s.actions}>
        <p id="remote-note" className={s.note} data-bad={note.bad || undefined} role="status">
          {busy ? <ProgressBar label="Listing files" done={0} total={0} /> : note.text}
        </p>
        <Button onClick={onCancel}>Cancel</Button>
        <Button look="primary" type="submit" disabled={busy}>
          {target?.kind === 'repo' ? 'List files' : 'Open'}
        </Button>
      </div>
    </form>
  );
}

type AddressTarget =
  | { readonly kind: 'repo'; readonly repo: HubAddress }
  | { readonly kind: 'file'; readonly url: string }
  | { readonly kind: 'refused'; readonly why: string };

function readTarget(text: string, base: string): AddressTarget | undefined {
  try {
    const repo = parseHubAddress(text, base);
    if (repo) return { kind: 'repo', repo };
  } catch (error) {
    return { kind: 'refused', why: explainError(toErrorInfo(error)).what };
  }
  const address = webAddress(text);
  return address && { kind: 'file', url: address.href };
}

/** To whom requests would go, or why they cannot. */
function noteOf(text: string, target: AddressTarget | undefined, isHubBad: boolean, refused: boolean) {
  if (isHubBad) return { text: 'The hub has to be a web address: https://huggingface.co', bad: true };
  if (target?.kind === 'refused') return { text: target.why, bad: true };
  if (target?.kind === 'repo') return { text: `Asks ${new URL(target.repo.base).host} for its files.`, bad: false };
  if (target?.kind === 'file') return { text: `This makes requests to ${new URL(target.url).host}.`, bad: false };
  if (refused || /[\s:]/.test(text.trim()))
    return { text: 'Neither a web address (https://…) nor a repo (org/name).', bad: true };
  return { text: 'No request is made before you press the button.', bad: false };
}
