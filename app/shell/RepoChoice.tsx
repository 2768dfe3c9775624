import { type FormEvent, useState } from 'react';
import { filesOfSets, type RepoSet } from '../../src-core/index.ts';
import type { RepoListing } from '../state/engine.ts';
import { Button } from '../ui/Button.tsx';
import { bytesText, exactCount, plural } from '../ui/format.ts';
import { Empty } from '../ui/States.tsx';
import s from './dialogs.module.css';

interface RepoChoiceProps {
  readonly listing: RepoListing;
  readonly hasToken: boolean;
  readonly onBack: () => void;
  readonly onOpen: (sets: readonly RepoSet[]) => void;
}

/** More lines than a person reads; such a repo is opened by the address of one of its files. */
const MOST_LISTED = 500;
const COMMIT_LETTERS = 7;

/** The models of a repo, with their sizes; the most likely one is chosen already. */
export function RepoChoice({ listing: { repo, contents }, hasToken, onBack, onOpen }: RepoChoiceProps) {
  const [chosen, setChosen] = useState(() => new Set(contents.sets.filter((set) => set.suggested)));
  const sets = contents.sets.slice(0, MOST_LISTED);
  const files = filesOfSets(contents, [...chosen]);
  const toggle = (set: RepoSet) =>
    setChosen((before) => {
      const after = new Set(before);
      if (!after.delete(set)) after.add(set);
      return after;
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen.size > 0) onOpen(contents.sets.filter((set) => chosen.has(set)));
  };
  return (
    <form onSubmit={submit} className={s.form}>
      <p className={s.repo}>
        <b>{repo.id}</b>
        <span className="mono">
          {repo.revision}
          {repo.commit !== repo.revision && ` at ${repo.commit.slice(0, COMMIT_LETTERS)}`}
        </span>
      </p>
      {sets.length === 0 ? (
        <Empty title="No models here">
          None of its {plural(contents.others + contents.companions.length, 'file', 'files')} is of a format that
          Stateglass reads.
        </Empty>
      ) : (
        <ul className={s.sets} aria-label="Models">
          {sets.map((set) => (
            <li key={set.files[0]!.path}>
              <label>
                <input type="checkbox" checked={chosen.has(set)} onChange={() => toggle(set)} />
                <span className={`mono ${s.path}`} title={set.files[0]!.path}>
                  {nameOf(set)}
                </span>
                {set.files.length > 1 && <span className={s.soft}>{plural(set.files.length, 'file', 'files')}</span>}
                <span className={s.soft}>{set.format}</span>
                <span className={`numbers ${s.size}`}>{bytesText(set.bytes)}</span>
              </label>
            </li>
          ))}
        </ul>
      )}
      {repo.gated && !hasToken && (
        <p className={s.note} data-bad>
          This repo is gated: its files need the access token of an account that accepted its licence.
        </p>
      )}
      <p className={s.note}>
        {contents.sets.length > MOST_LISTED && `The first ${MOST_LISTED} of ${exactCount(contents.sets.length)}. `}
        {contents.others > 0 && `${plural(contents.others, 'other file is', 'other files are')} not listed. `}
        Opening reads headers, not weights.
      </p>
      <div className={s.actions}>
        <p className={s.note} role="status">
          {plural(files.length, 'file', 'files')}, {bytesText(files.reduce((sum, file) => sum + file.size, 0))}
        </p>
        <Button onClick={onBack}>Back</Button>
        <Button look="primary" type="submit" autoFocus disabled={chosen.size === 0}>
          Open
        </Button>
      </div>
    </form>
  );
}

/** Shards go by the name that they and their index share: `model.safetensors`. */
const nameOf = ({ files }: RepoSet): string =>
  files.length > 1
    ? files[0]!.path
        .replace(/\.index(?:\.([^./]+))?\.json$/, (_, variant?: string) => (variant ? ` (${variant})` : ''))
        .replace(/-\d+-of-\d+(?=\.)/, '')
    : files[0]!.path;
