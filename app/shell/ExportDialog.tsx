import type { FormEvent } from 'react';
import { describeError, type ErrorInfo, type ExportForm, listWriters, type WriterInfo } from '../../src-core/index.ts';
import {
  chooseFormat,
  choosePart,
  chooseRaw,
  chooseWiden,
  chosenForm,
  exportChosen,
  extensionOf,
  stemOf,
  typeName,
  useExport,
} from '../state/export.ts';
import { Button } from '../ui/Button.tsx';
import { type Choice, Choices } from '../ui/Choices.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { exactCount, plural } from '../ui/format.ts';
import dialogs from './dialogs.module.css';
import s from './ExportDialog.module.css';

interface ExportDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

/** What to write, as what, under which name; how large it will be, and what will not be in it. */
export function ExportDialog({ open, onClose }: ExportDialogProps) {
  const state = useExport();
  const form = chosenForm(state);
  const stem = stemOf(state);
  const isTooMany = ({ holds }: ExportForm) => holds === 'one tensor' && (state.part?.tensors ?? 0) > 1;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void exportChosen();
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Export"
      about="A new file. Every value stays as it is; nothing is rounded."
    >
      <form onSubmit={submit} className={s.form}>
        <h3 className={s.head}>What</h3>
        <Choices
          label="What to export"
          value={state.part?.id ?? ''}
          onChange={choosePart}
          choices={state.parts.map(({ id, title, about, tensors }) => ({
            value: id,
            title,
            about: <span className="mono">{about}</span>,
            ...(id !== 'tensor' && id !== 'slice' && { aside: plural(tensors, 'tensor') }),
          }))}
        />
        <h3 className={s.head}>Format</h3>
        <Choices
          label="Format"
          value={form?.id ?? ''}
          onChange={chooseFormat}
          choices={state.forms ? state.forms.map((one) => formChoice(one, isTooMany(one))) : WRITERS}
        />
        <Options />
        {state.error && <p className={s.problem}>{whyNot(state.error)}</p>}
        <label className={s.name}>
          <span className={s.head}>File name</span>
          <span className={s.field}>
            <input
              type="text"
              className="mono"
              value={stem}
              onChange={(event) => typeName(event.target.value)}
              spellCheck={false}
            />
            <span className={`mono ${s.extension}`}>{form && extensionOf(form, state.document)}</span>
          </span>
        </label>
        <Losses form={form} />
        <div className={dialogs.actions}>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={!form || state.asking || stem.trim() === ''}>
            Export
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

const titleOf = ({ id, extension, label }: WriterInfo) => ({
  value: id,
  title: extension,
  ...(extension.slice(1) !== label.toLowerCase() && { about: label }),
});

/** While it is found out what is possible. */
const WRITERS: readonly Choice[] = listWriters().map((writer) => ({ ...titleOf(writer), disabled: true }));

function formChoice(form: ExportForm, isTooMany: boolean): Choice {
  if (!form.error) return { ...titleOf(form), aside: sizeText(form.size) };
  return { ...titleOf(form), why: isTooMany ? 'Holds one tensor.' : whyNot(form.error) };
}

/** Other types than the tensors' own, where there are tensors that this is about. */
function Options() {
  const { part, widen, raw } = useExport();
  if (!part?.narrow && !part?.quantised && !part?.blocks) return null;
  return (
    <div className={s.options}>
      <label>
        <input type="checkbox" checked={widen} onChange={(event) => chooseWiden(event.target.checked)} />
        {part.quantised || part.blocks
          ? 'Narrow floats, and values of quantised tensors, as f32'
          : 'Narrow floats as f32'}
        <span>holds each exactly</span>
      </label>
      {part.quantised && (
        <label>
          <input type="checkbox" checked={raw} onChange={(event) => chooseRaw(event.target.checked)} />
          Quantised tensors as stored integers
          <span>without their scales</span>
        </label>
      )}
    </div>
  );
}

function Losses({ form }: { readonly form: ExportForm | undefined }) {
  if (!form || form.error || form.losses.length === 0) return null;
  return (
    <ul className={s.losses} aria-label="What changes">
      {form.losses.map(({ code, severity, message }) => (
        <li key={code} data-severity={severity}>
          {message}
        </li>
      ))}
    </ul>
  );
}

const sizeText = (size: number | undefined): string =>
  size === undefined ? 'size known when written' : `${exactCount(size)} B`;

/** The tensor and the reason; the format is known from where it stands. */
const whyNot = (error: ErrorInfo): string =>
  error.kind === 'unsupported' ? `${error.file}: ${error.detail}.` : `${describeError(error)}.`;
