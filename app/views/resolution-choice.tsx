import { useId } from 'react';
import type { Resolution, TakeName } from '../state/merging.ts';
import s from './resolution-choice.module.css';

const TAKES: Readonly<Record<TakeName, string>> = {
  a: 'Take A',
  b: 'Take B',
  base: 'Back to the base',
  average: 'Average of A and B',
  sum: 'Weighted sum',
  markers: 'Both, between markers',
};

interface ResolutionChoiceProps {
  readonly label: string;
  readonly showsLabel?: boolean;
  readonly value: Resolution | null | undefined;
  readonly takes: readonly TakeName[];
  /** What happens when nothing is chosen. */
  readonly otherwise: string;
  readonly onChange: (resolution: Resolution | null) => void;
}

/** Whose an entry shall be. A weighted sum asks for the share of B. */
export function ResolutionChoice({ label, showsLabel, value, takes, otherwise, onChange }: ResolutionChoiceProps) {
  const id = useId();
  const choose = (take: string) => {
    const found = takes.find((one) => one === take);
    onChange(found ? { take: found, share: value?.share ?? '0.5' } : null);
  };
  return (
    <span className={s.choice}>
      <label htmlFor={id} className={showsLabel ? s.label : 'unseen'}>
        {label}
      </label>
      <select id={id} className={s.select} value={value?.take ?? ''} onChange={(event) => choose(event.target.value)}>
        <option value="">{otherwise}</option>
        {takes.map((take) => (
          <option key={take} value={take}>
            {TAKES[take]}
          </option>
        ))}
      </select>
      {value?.take === 'sum' && (
        <label className={s.label}>
          share of B
          <input
            className={`mono ${s.share}`}
            aria-label={`Share of B: ${label}`}
            inputMode="decimal"
            value={value.share}
            onChange={(event) => onChange({ take: 'sum', share: event.target.value })}
          />
        </label>
      )}
    </span>
  );
}
