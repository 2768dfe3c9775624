import { type FormEvent, useState } from 'react';
import { makeEdit } from '../state/edits.ts';
import { prefixAt, usePlace } from '../state/structure-edits.ts';
import { wordWrong } from '../state/tensor-editing.ts';
import { editOfNewTensor, startForm, type TensorForm } from '../state/tensor-form.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import dialogs from './dialogs.module.css';
import s from './TensorDialog.module.css';
import { Field, Filling, TypeChoice } from './TensorFields.tsx';

/** A tensor that was not there: its name, type, shape, and what is in it. */
export function AddTensorDialog({ onClose }: { readonly onClose: () => void }) {
  const { document, node } = usePlace();
  const [key, setKey] = useState(() => (document ? prefixAt(document, node) : ''));
  const [form, setForm] = useState(() => startForm([], 'f32', ''));
  const [wrong, setWrong] = useState<string>();
  if (!document) return null;
  const change = (next: Partial<TensorForm>) => {
    setForm({ ...form, ...next });
    setWrong(undefined);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await makeEdit(document.id, editOfNewTensor(key, form));
      onClose();
    } catch (error) {
      setWrong(wordWrong(error).replace(/^add-tensor: /, ''));
    }
  };
  return (
    <Dialog open onClose={onClose} title="Add tensor" about="It is in no file until you save.">
      <form className={s.form} onSubmit={(event) => void submit(event)}>
        <Field
          label="Name"
          value={key}
          placeholder="encoder.weight"
          onChange={(next) => {
            setKey(next);
            setWrong(undefined);
          }}
        />
        <div className={s.row}>
          <TypeChoice value={form.dtype} onChange={(dtype) => change({ dtype })} />
          <Field
            label="Shape (empty: a scalar)"
            value={form.shape}
            placeholder="10, 96"
            onChange={(shape) => change({ shape })}
          />
        </div>
        <Filling form={form} onChange={change} />
        <div className={dialogs.actions}>
          <span className={dialogs.note} data-bad role="alert">
            {wrong}
          </span>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={key.trim() === '' || key.endsWith('.')}>
            Add
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
