import { useMemo, useRef, useState } from 'react';
import type { EditInfo } from '../../../src-core/index.ts';
import { moveEdits, redo, revert, reviewEdit, saveRecipe, undo, useEditLog } from '../../state/edits.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { replayRecipe } from '../../state/replay.ts';
import { nodeAtKey } from '../../state/tree-labels.ts';
import { textOfValue } from '../../state/value-text.ts';
import { goTo } from '../../state/workspace.ts';
import { Answer } from '../../ui/Answer.tsx';
import { Button, IconButton } from '../../ui/Button.tsx';
import { guessLanguage } from '../../ui/code-languages.ts';
import { DiffEditor } from '../../ui/DiffEditor.tsx';
import { plural } from '../../ui/format.ts';
import { ChevronRight, Redo2, RotateCcw, Undo2 } from '../../ui/icons.ts';
import { Empty } from '../../ui/States.tsx';
import type { Target } from '../view.ts';
import s from './edits.module.css';

/** What was changed since the file was read, in order: each can be gone back to, jumped to, or taken out. */
export default function Edits({ target: { document } }: { readonly target: Target }) {
  const { edits, cursor } = useEditLog(document.id);
  return (
    <div className={s.view}>
      <div className={s.tools}>
        <Button onClick={() => void undo(document.id)} disabled={cursor === 0}>
          <Undo2 size={14} aria-hidden="true" />
          Undo
        </Button>
        <Button onClick={() => void redo(document.id)} disabled={cursor === edits.length}>
          <Redo2 size={14} aria-hidden="true" />
          Redo
        </Button>
        <span className={s.gap} />
        <ReplayButton document={document} />
        <Button onClick={() => void saveRecipe(document.id)} disabled={cursor === 0}>
          Save recipe
        </Button>
      </div>
      {edits.length === 0 ? (
        <Empty title="Nothing was edited">
          Type into a text, rename, duplicate or delete an entry: it is listed here, can be undone, and is in no file
          until you save.
        </Empty>
      ) : (
        <ol className={s.list} aria-label={plural(cursor, 'edit')}>
          {edits.map((edit, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an edit is its place in the log
            <EditRow key={i} document={document} edit={edit} index={i} undone={i >= cursor} />
          ))}
        </ol>
      )}
    </div>
  );
}

interface EditRowProps {
  readonly document: OpenedDocument;
  readonly edit: EditInfo;
  readonly index: number;
  readonly undone: boolean;
}

function EditRow({ document, edit, index, undone }: EditRowProps) {
  const node = placeOf(document, edit);
  const [isOpen, setOpen] = useState(false);
  const hasWords = WORDS.includes(edit.op);
  return (
    <li data-undone={undone || undefined}>
      {hasWords ? (
        <span className={s.fold}>
          <IconButton label={`What changed: ${edit.title}`} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            <ChevronRight size={14} aria-hidden="true" />
          </IconButton>
        </span>
      ) : (
        <span className={s.noFold} />
      )}
      <span className={`numbers ${s.number}`}>{index + 1}</span>
      {node === undefined ? (
        <span className={s.title}>{edit.title}</span>
      ) : (
        <button type="button" className={s.title} onClick={() => goTo(document.id, node)}>
          {edit.title}
        </button>
      )}
      {undone ? (
        <Button look="quiet" onClick={() => void moveEdits(document.id, () => index + 1)}>
          Redo to here
        </Button>
      ) : (
        <IconButton label={`Take back ${edit.title}`} onClick={() => void revert(document.id, index)}>
          <RotateCcw size={14} aria-hidden="true" />
        </IconButton>
      )}
      {isOpen && <WordsChanged document={document} edit={edit} index={index} />}
    </li>
  );
}

/** Ops whose effect is read as a text. */
const WORDS = ['set-value', 'add-entry'];

/** The text before and after, asked for when it is looked at. */
function WordsChanged({ document, edit, index }: Omit<EditRowProps, 'undone'>) {
  const review = useMemo(() => reviewEdit(document.id, index, edit), [document.id, index, edit]);
  return (
    <div className={s.words}>
      <Answer to={review}>
        {({ before, after }) => (
          <DiffEditor
            before={before ? textOfValue(before.value) : ''}
            after={after ? textOfValue(after.value) : ''}
            language={after?.value.type === 'text' ? guessLanguage(after.value.text) : 'json'}
            label={edit.title}
          />
        )}
      </Answer>
    </div>
  );
}

/** Where what an edit was about is now. */
function placeOf(document: OpenedDocument, { args }: EditInfo): number | undefined {
  const { key, to } = args as { readonly key?: unknown; readonly to?: unknown };
  for (const name of [to, key]) {
    const node = typeof name === 'string' ? nodeAtKey(document.tree, name) : undefined;
    if (node) return node;
  }
  return undefined;
}

function ReplayButton({ document }: { readonly document: OpenedDocument }) {
  const input = useRef<HTMLInputElement>(null);
  const replay = async (file: File | undefined) => {
    if (file) await replayRecipe(document.id, file.name, await file.text());
    if (input.current) input.current.value = '';
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        accept=".json"
        hidden
        aria-label="Recipe file"
        onChange={(event) => void replay(event.target.files?.[0])}
      />
      <Button onClick={() => input.current?.click()}>Replay a recipe…</Button>
    </>
  );
}
