import type { ReactNode } from 'react';
import s from './FieldRow.module.css';

/** Two names beside each other, and a button that acts on them. */
export const FieldRow = ({ children }: { readonly children: ReactNode }) => <div className={s.row}>{children}</div>;

interface NameFieldProps {
  readonly title: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly placeholder?: string;
  /** Id of a list of names that are offered. */
  readonly list?: string;
}

export const NameField = ({ title, value, onChange, placeholder, list }: NameFieldProps) => (
  <label>
    {title}
    <input
      className="mono"
      list={list}
      value={value}
      placeholder={placeholder}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => onChange(event.target.value)}
    />
  </label>
);
