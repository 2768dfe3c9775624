import { useId } from 'react';
import { chooseEnd, type LoadEnd, type LoadEnds, swapEnds } from '../../state/load.ts';
import { useWorkspace } from '../../state/workspace.ts';
import { IconButton } from '../../ui/Button.tsx';
import { ArrowLeftRight } from '../../ui/icons.ts';
import s from './load.module.css';

/** Who is loaded into whom: open documents, or a pasted text. */
export function Ends({ ends }: { readonly ends: LoadEnds }) {
  return (
    <div className={s.ends}>
      <End ends={ends} place="source" title="Load" />
      <IconButton label="Swap what is loaded and what it is loaded into" onClick={() => swapEnds(ends)}>
        <ArrowLeftRight size={14} aria-hidden="true" />
      </IconButton>
      <End ends={ends} place="target" title="into" />
    </div>
  );
}

interface EndProps {
  readonly ends: LoadEnds;
  readonly place: keyof LoadEnds;
  readonly title: string;
}

function End({ ends, place, title }: EndProps) {
  const id = useId();
  const documents = useWorkspace((state) => state.documents);
  const onChange = (value: string) => chooseEnd(ends, place, value === 'text' ? 'text' : (Number(value) as LoadEnd));
  return (
    <div className={s.end}>
      <label htmlFor={id}>{title}</label>
      <select id={id} className={s.select} value={ends[place]} onChange={(event) => onChange(event.target.value)}>
        {documents.map((document) => (
          <option key={document.id} value={document.id}>
            {document.name}
          </option>
        ))}
        <option value="text">Pasted text…</option>
      </select>
    </div>
  );
}
