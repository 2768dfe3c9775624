import { type FormEvent, type KeyboardEvent, useState } from 'react';
import { describeError, indentJson, type MetadataPlace, type MetaItem, toErrorInfo } from '../../../src-core/index.ts';
import type { DocumentId } from '../../state/engine.ts';
import { setMetadata } from '../../state/metadata.ts';
import { Button } from '../../ui/Button.tsx';
import { Plus } from '../../ui/icons.ts';
import s from './metadata.module.css';

interface EditItemProps {
  readonly document: DocumentId;
  readonly item: MetaItem;
  readonly place: MetadataPlace;
  readonly onDone: () => void;
}

/** Another value, in the place of the one that is shown. */
export function EditItem({ document, item: { section, key, value, type }, place, onDone }: EditItemProps) {
  const holds = place.holds === 'typed' ? holdsOf(type) : place.holds;
  return (
    <ValueForm
      text={holds === 'texts' && value.kind === 'string' ? value.value : indentJson(value, EDIT_WIDTH)}
      label={`Value of ${key}`}
      holds={holds}
      onSave={(typed) => setMetadata(document, { ...place, section, holds }, key, typed)}
      onDone={onDone}
    />
  );
}

/** Lists of numbers stay on one line up to so many letters. */
const EDIT_WIDTH = 80;

/** Values that have types are typed as texts or as JSON. */
const holdsOf = (type: string | undefined): 'texts' | 'json' => (type === 'str' ? 'texts' : 'json');

interface AddItemProps {
  readonly document: DocumentId;
  readonly place: MetadataPlace;
}

/** One more item: its key and its value. */
export function AddItem({ document, place }: AddItemProps) {
  const [key, setKey] = useState<string>();
  const [wasOpen, setWasOpen] = useState(false);
  const [type, setType] = useState('str');
  const types = place.types?.flatMap((one) => [one, `[${one}]`]);
  const holds = types ? holdsOf(type) : place.holds;
  if (key === undefined)
    return (
      <p className={s.add}>
        {/* The form that had the keyboard is gone. */}
        <Button look="quiet" autoFocus={wasOpen} onClick={() => setKey(place.under ?? '')}>
          <Plus size={14} aria-hidden="true" />
          Add an item
        </Button>
      </p>
    );
  const under = place.under ?? '';
  const isNamed = key.length > under.length && key.startsWith(under);
  return (
    <div className={s.added}>
      <label>
        Key{under && ` (begins with ${under})`}
        <input
          // biome-ignore lint/a11y/noAutofocus: it was asked for, and typing goes there
          autoFocus
          className={`mono ${s.field}`}
          value={key}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setKey(event.target.value)}
        />
      </label>
      {types && (
        <label>
          Type
          <select className={s.select} value={type} onChange={(event) => setType(event.target.value)}>
            {types.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
      )}
      <ValueForm
        text={place.holds === 'json' ? '{}' : ''}
        label="Value"
        holds={holds}
        isLater
        isReady={isNamed}
        onSave={(typed) => setMetadata(document, { ...place, holds }, key, typed, types && type)}
        onDone={() => {
          setWasOpen(true);
          setKey(undefined);
        }}
      />
    </div>
  );
}

interface ValueFormProps {
  readonly text: string;
  readonly label: string;
  readonly holds: MetadataPlace['holds'];
  /** Something else is typed before it. */
  readonly isLater?: boolean;
  readonly isReady?: boolean;
  readonly onSave: (typed: string) => Promise<void>;
  readonly onDone: () => void;
}

const MOST_LINES = 14;

function ValueForm({ text, label, holds, isLater = false, isReady = true, onSave, onDone }: ValueFormProps) {
  const [typed, setTyped] = useState(text);
  const [wrong, setWrong] = useState<string>();
  const save = async () => {
    try {
      await onSave(typed);
      onDone();
    } catch (error) {
      setWrong(describeError(toErrorInfo(error)));
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onDone();
    else if (event.key === 'Enter' && (event.metaKey || event.ctrlKey) && isReady) void save();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <form className={s.form} onSubmit={submit}>
      <textarea
        // biome-ignore lint/a11y/noAutofocus: it was asked for, and typing goes there
        autoFocus={!isLater}
        className={`mono ${s.field}`}
        aria-label={label}
        aria-invalid={wrong !== undefined}
        rows={Math.min(MOST_LINES, Math.max(2, typed.split('\n').length))}
        value={typed}
        spellCheck={false}
        onChange={(event) => {
          setTyped(event.target.value);
          setWrong(undefined);
        }}
        onKeyDown={onKeyDown}
      />
      <div className={s.acts}>
        <span role="alert">{wrong}</span>
        <span className={s.hint}>{holds === 'texts' ? 'A text' : 'JSON'} · Ctrl-Enter sets it</span>
        <Button onClick={onDone}>Cancel</Button>
        <Button look="primary" type="submit" disabled={!isReady}>
          Set
        </Button>
      </div>
    </form>
  );
}
