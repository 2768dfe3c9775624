import { type FormEvent, useEffect, useMemo, useState } from 'react';
import { isBlockDType, type KnownDType, listCastRisks } from '../../src-core/index.ts';
import type { DocumentPart } from '../state/document-parts.ts';
import { makeEdit } from '../state/edits.ts';
import type { OpenedDocument } from '../state/engine.ts';
import {
  chooseTensors,
  keysOfRows,
  type PreviewAnswer,
  previewTensorEdit,
  useTensorEditing,
  wordWrong,
} from '../state/tensor-editing.ts';
import { editOfForm, startForm, type TensorAct, type TensorForm, takesMany } from '../state/tensor-form.ts';
import { shapeOfEntry } from '../state/values.ts';
import { Button } from '../ui/Button.tsx';
import { Choices } from '../ui/Choices.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { plural } from '../ui/format.ts';
import { Segments } from '../ui/Segments.tsx';
import { CastLosses } from './CastLosses.tsx';
import dialogs from './dialogs.module.css';
import s from './TensorDialog.module.css';
import { TensorFields } from './TensorFields.tsx';
import { Notes, Outcome, Ties } from './TensorOutcome.tsx';
import { actsFor, TENSOR_ACTS } from './tensor-acts.ts';

/** One edit of a whole tensor, or of many: what it makes of them is in view before it is made. */
export function TensorDialog({ onClose }: { readonly onClose: () => void }) {
  const { document, parts } = useTensorEditing();
  const [first] = parts;
  if (!document || !first) return null;
  return (
    <Dialog open onClose={onClose} title={first.id === 'tensor' ? 'Edit tensor' : 'Edit tensors'}>
      <TensorEditor document={document} parts={parts} first={first} onClose={onClose} />
    </Dialog>
  );
}

interface TensorEditorProps {
  readonly document: OpenedDocument;
  readonly parts: readonly DocumentPart[];
  readonly first: DocumentPart;
  readonly onClose: () => void;
}

function TensorEditor({ document, parts, first, onClose }: TensorEditorProps) {
  const { act: asked, slice } = useTensorEditing();
  const [act, setAct] = useState(asked);
  const [partId, setPart] = useState(first.id);
  const [wrong, setWrong] = useState<string | null>(null);
  const part = (takesMany(act) && parts.find(({ id }) => id === partId)) || first;
  const isOne = part.id === 'tensor';
  const shape = isOne ? shapeOfEntry(document, part.rows?.[0] ?? 0) : undefined;
  const chosen = useMemo(() => chooseTensors(document, part), [document, part]);
  const [form, setForm] = useState(() =>
    startForm(
      shape ?? [],
      chosen.dtypes[0] === 'f16' ? 'f32' : 'f16',
      slice || (shape ?? []).map(() => ':').join(', '),
    ),
  );
  const { answer, keys } = usePreview(document, act, form, chosen.rows);
  const preview = answer && 'preview' in answer ? answer.preview : undefined;
  const problem = wrong ?? (answer && 'wrong' in answer ? answer.wrong : undefined);
  const change = (next: Partial<TensorForm>) => {
    setForm({ ...form, ...next });
    setWrong(null);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await makeEdit(document.id, editOfForm(act, form, keys ?? []));
      onClose();
    } catch (error) {
      setWrong(wordWrong(error));
    }
  };
  return (
    <form className={s.form} onSubmit={(event) => void submit(event)}>
      <div className={s.acts}>
        <Segments
          label="Edit"
          value={act}
          options={actsFor(first.id === 'tensor').map((one) => [one.act, one.short])}
          onChange={(next) => {
            setAct(next);
            setWrong(null);
          }}
        />
      </div>
      {takesMany(act) && parts.length > 1 ? (
        <Choices
          label="What to edit"
          value={part.id}
          onChange={(id) => setPart(id as DocumentPart['id'])}
          choices={parts.map(({ id, title, about, tensors }) => ({
            value: id,
            title,
            about: <span className="mono">{about}</span>,
            ...(id !== 'tensor' && { aside: plural(tensors, 'tensor') }),
          }))}
        />
      ) : (
        <p className={`mono ${s.what}`}>{part.about}</p>
      )}
      <TensorFields act={act} form={form} shape={shape} onChange={change} />
      <Outcome preview={preview} chosen={chosen.rows.length} />
      <Notes>
        {chosen.left > 0 &&
          `${plural(chosen.left, 'tensor')} without floats ${chosen.left === 1 ? 'stays' : 'stay'} as ${chosen.left === 1 ? 'it is' : 'they are'}.`}
        {act === 'cast' && risksOf(chosen.dtypes, form.dtype)}
        {act === 'fill' &&
          chosen.rows.length > 1 &&
          (form.filling === 'normal' || form.filling === 'uniform') &&
          'Each tensor is drawn with a seed of its own, counted up from this one.'}
      </Notes>
      {act === 'cast' &&
        !document.remote &&
        !isBlockDType(form.dtype as KnownDType) &&
        keys &&
        preview &&
        preview.tensors > 0 && (
          <CastLosses key={`${form.dtype} ${part.id}`} document={document.id} keys={keys} dtype={form.dtype} />
        )}
      {preview && preview.tied.length > 0 && (
        <Ties tied={preview.tied} untie={form.untie} onChange={(untie) => change({ untie })} />
      )}
      <div className={dialogs.actions}>
        <span className={dialogs.note} data-bad role="alert">
          {problem}
        </span>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" type="submit" disabled={problem !== undefined || !preview || preview.tensors === 0}>
          {titleOf(act)}
          {preview && preview.tensors > 1 ? ` ${plural(preview.tensors, 'tensor')}` : ''}
        </Button>
      </div>
    </form>
  );
}

const titleOf = (act: TensorAct): string => TENSOR_ACTS.find((one) => one.act === act)?.short ?? act;

/** A pause this long ends a burst of typing. */
const PAUSE_MS = 60;

/** What the form comes to now. What came of the one before stays until then. */
function usePreview(document: OpenedDocument, act: TensorAct, form: TensorForm, rows: readonly number[]) {
  const [keys, setKeys] = useState<readonly string[] | null>(null);
  const [answer, setAnswer] = useState<PreviewAnswer | null>(null);
  useEffect(() => {
    let wanted = true;
    void keysOfRows(document.id, rows).then((found) => wanted && setKeys(found));
    return () => {
      wanted = false;
    };
  }, [document.id, rows]);
  useEffect(() => {
    if (keys === null) return;
    let wanted = true;
    const timer = setTimeout(() => {
      const asking = previewTensorEdit(document.id, () => editOfForm(act, form, keys));
      void asking.then((found) => wanted && setAnswer(found));
    }, PAUSE_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [document.id, act, form, keys]);
  return { answer, keys };
}

const risksOf = (dtypes: readonly Parameters<typeof listCastRisks>[0][], to: string): readonly string[] => [
  ...new Set(dtypes.flatMap((from) => listCastRisks(from, to as Parameters<typeof listCastRisks>[1]))),
];
