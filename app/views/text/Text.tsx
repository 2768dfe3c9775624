import { useMemo } from 'react';
import { entryOf } from '../../state/explorer.ts';
import { entryAsRead, entryDetail } from '../../state/resources.ts';
import { Answer } from '../../ui/Answer.tsx';
import type { Target } from '../view.ts';
import { EntryText } from './EntryText.tsx';
import { ModulePrompt } from './ModulePrompt.tsx';

/** Texts and typed values; of an agent's module, the prompt that its texts make. */
export default function Text({ target }: { readonly target: Target }) {
  const row = entryOf(target.document, target.node);
  return row === undefined ? <ModulePrompt target={target} /> : <TextOfRow target={target} row={row} />;
}

function TextOfRow({ target: { document }, row }: { readonly target: Target; readonly row: number }) {
  const detail = entryDetail(document.id, row);
  const before = entryAsRead(document.id, row);
  const both = useMemo(() => Promise.all([detail, before]), [detail, before]);
  return (
    <Answer to={both}>
      {([{ entry }, asRead]) => <EntryText document={document} entry={entry} asRead={asRead} />}
    </Answer>
  );
}
