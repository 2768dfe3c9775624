import { dtypeLabel } from '../../src-core/index.ts';
import type { Candidate } from '../state/candidates.ts';
import { Choices } from '../ui/Choices.tsx';
import { plural, shapeText } from '../ui/format.ts';
import dialogs from './dialogs.module.css';
import s from './TensorDialog.module.css';

interface EntryChoiceProps {
  /** What is searched and chosen. */
  readonly label: string;
  readonly text: string;
  readonly candidates: readonly Candidate[] | null;
  readonly chosen: Candidate | undefined;
  /** Said when nothing is there to choose. */
  readonly empty: string;
  readonly onSearch: (text: string) => void;
  readonly onChoose: (candidate: Candidate) => void;
}

/** One of many entries or modules, found by a few letters. */
export function EntryChoice({ label, text, candidates, chosen, empty, onSearch, onChoose }: EntryChoiceProps) {
  return (
    <>
      <input
        type="search"
        className={`mono ${dialogs.field}`}
        aria-label={`Search: ${label}`}
        placeholder="Search by name"
        value={text}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onSearch(event.target.value)}
      />
      {candidates && candidates.length > 0 ? (
        <div className={s.candidates}>
          <Choices
            label={label}
            value={chosen === undefined ? '' : String(chosen.node)}
            onChange={(value) => {
              const found = candidates.find(({ node }) => String(node) === value);
              if (found) onChoose(found);
            }}
            choices={candidates.map((one) => ({
              value: String(one.node),
              title: <span className="mono">{one.label}</span>,
              about: one.key !== one.label && <span className="mono">{one.key}</span>,
              aside: wordForm(one),
            }))}
          />
        </div>
      ) : (
        <p className={dialogs.note} role="status">
          {candidates ? empty : 'Looking…'}
        </p>
      )}
    </>
  );
}

export const wordForm = ({ type, dtype, shape, entries }: Candidate): string =>
  type === undefined
    ? plural(entries, 'entry', 'entries')
    : dtype !== undefined && shape
      ? `${dtypeLabel(dtype)} ${shapeText(shape)}`
      : type;
