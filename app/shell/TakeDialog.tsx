import { type FormEvent, useEffect, useMemo, useState } from 'react';
import type { TakePreview } from '../../src-core/index.ts';
import { type Candidate, describeNode, listEntries, listModules } from '../state/candidates.ts';
import type { OpenedDocument } from '../state/engine.ts';
import { previewTaking, take, useTaking } from '../state/taking.ts';
import { wordWrong } from '../state/tensor-editing.ts';
import { useWorkspace } from '../state/workspace.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { plural } from '../ui/format.ts';
import dialogs from './dialogs.module.css';
import { EntryChoice } from './EntryChoice.tsx';
import { pickBeside } from './pick-files.ts';
import s from './TensorDialog.module.css';
import { Notes, OutcomeRow, Ties } from './TensorOutcome.tsx';

/** Puts what another open document has in the place of an entry, of all in a module, or of all there is. */
export function TakeDialog({ onClose }: { readonly onClose: () => void }) {
  const { document: id, node } = useTaking();
  const documents = useWorkspace((state) => state.documents);
  const document = documents.find((one) => one.id === id);
  const others = documents.filter((one) => one.id !== id);
  const to = useMemo(() => document && describeNode(document, node), [document, node]);
  if (!document || !to) return null;
  return (
    <Dialog
      open
      onClose={onClose}
      title="Replace from another document"
      about={
        <>
          {node === 0 ? 'All of ' : ''}
          <span className="mono">{node === 0 ? document.name : to.key}</span> becomes what the other document has. Both
          files stay as they are until you save.
        </>
      }
    >
      {others.length === 0 ? (
        <div className={s.form}>
          <p>No other document is open.</p>
          <div className={dialogs.actions}>
            <Button onClick={onClose}>Cancel</Button>
            <Button look="primary" onClick={() => void pickBeside(document.id)}>
              Open files…
            </Button>
          </div>
        </div>
      ) : (
        <TakeForm document={document} others={others} to={to} onClose={onClose} />
      )}
    </Dialog>
  );
}

interface TakeFormProps {
  readonly document: OpenedDocument;
  readonly others: readonly OpenedDocument[];
  readonly to: Candidate;
  readonly onClose: () => void;
}

function TakeForm({ document, others, to, onClose }: TakeFormProps) {
  const [donorId, setDonor] = useState(others.at(-1)?.id);
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<Candidate>();
  const [untie, setUntie] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const donor = others.find(({ id }) => id === donorId) ?? (others.at(-1) as OpenedDocument);
  const isEntry = to.type !== undefined;
  const candidates = useCandidates(donor, to, text);
  const from = to.node === 0 ? describeNode(donor, 0) : (chosen ?? candidates?.[0]);
  const answer = usePreview(document, donor, to, from, untie);
  const preview = answer && 'preview' in answer ? answer.preview : undefined;
  const problem = wrong ?? (answer && 'wrong' in answer ? answer.wrong : undefined);
  const forget = () => {
    setChosen(undefined);
    setWrong(undefined);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!from) return;
    try {
      await take({ document: document.id, donor, to, from, untie });
      onClose();
    } catch (error) {
      setWrong(wordWrong(error));
    }
  };
  const count = preview ? preview.replaced + preview.added : 0;
  return (
    <form className={s.form} onSubmit={(event) => void submit(event)}>
      <div className={s.with}>
        <label className={s.label}>
          Document
          <select
            className={`mono ${dialogs.field}`}
            value={donor.id}
            onChange={(event) => {
              setDonor(Number(event.target.value));
              forget();
            }}
          >
            {others.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <Button onClick={() => void pickBeside(document.id)}>Open files…</Button>
      </div>
      {to.node !== 0 && (
        <EntryChoice
          label={isEntry ? 'Entry to take' : 'Module to take'}
          text={text}
          candidates={candidates}
          chosen={from}
          empty={
            text === ''
              ? `Nothing in ${donor.name} has this name or form: search for what you mean.`
              : `Nothing in ${donor.name} is called so.`
          }
          onSearch={(next) => {
            setText(next);
            forget();
          }}
          onChoose={setChosen}
        />
      )}
      <TakeOutcome preview={from && preview} to={to} from={from} />
      <Notes>{preview?.title ?? ''}</Notes>
      {preview && preview.tied.length > 0 && <Ties tied={preview.tied} untie={untie} onChange={setUntie} />}
      <div className={dialogs.actions}>
        <span className={dialogs.note} data-bad role="alert">
          {from && problem}
        </span>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" type="submit" disabled={!from || problem !== undefined || !preview}>
          {isEntry || count === 0 ? 'Replace' : `Take ${plural(count, 'entry', 'entries')}`}
        </Button>
      </div>
    </form>
  );
}

interface TakeOutcomeProps {
  readonly preview: TakePreview | undefined;
  readonly to: Candidate;
  readonly from: Candidate | undefined;
}

function TakeOutcome({ preview, to, from }: TakeOutcomeProps) {
  const formOf = (side: 'before' | 'after') => (preview && preview[side].dtypes.length > 0 ? preview[side] : undefined);
  const words = (one: Candidate | undefined) => (preview ? (one?.type ?? 'no tensors') : '…');
  return (
    <table className={`numbers ${s.outcome}`} aria-label="What it comes to">
      <tbody>
        <OutcomeRow title="Now" form={formOf('before')} count={preview?.replaced ?? 0} words={words(to)} />
        <OutcomeRow
          title="Then"
          form={formOf('after')}
          count={preview ? preview.replaced + preview.added : 0}
          words={words(from)}
        />
      </tbody>
    </table>
  );
}

function useCandidates(donor: OpenedDocument, to: Candidate, text: string): readonly Candidate[] | null {
  const [found, setFound] = useState<readonly Candidate[] | null>(null);
  useEffect(() => {
    let isWanted = true;
    const list =
      to.type === undefined
        ? Promise.resolve(to.node === 0 ? [] : listModules(donor, to, text))
        : listEntries(donor, to, text);
    void list.then((candidates) => isWanted && setFound(candidates));
    return () => {
      isWanted = false;
    };
  }, [donor, to, text]);
  return found;
}

function usePreview(
  document: OpenedDocument,
  donor: OpenedDocument,
  to: Candidate,
  from: Candidate | undefined,
  untie: boolean,
) {
  const [answer, setAnswer] = useState<Awaited<ReturnType<typeof previewTaking>> | null>(null);
  const place = from?.node;
  useEffect(() => {
    if (place === undefined) return;
    let isWanted = true;
    const wish = { document: document.id, donor, to, from: describeNode(donor, place), untie };
    void previewTaking(wish).then((found) => isWanted && setAnswer(found));
    return () => {
      isWanted = false;
    };
  }, [document, donor, to, place, untie]);
  return answer;
}
