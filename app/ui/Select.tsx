import { useId } from 'react';
import s from './Select.module.css';

interface SelectProps {
  readonly label: string;
  readonly options: readonly string[];
  /** Place of what is chosen. */
  readonly value: number;
  readonly onChange: (value: number) => void;
}

/** One of many names, in a list of the browser's own. */
export function Select({ label, options, value, onChange }: SelectProps) {
  const id = useId();
  return (
    <>
      <label htmlFor={id} className={s.label}>
        {label}
      </label>
      <select
        id={id}
        className={`mono ${s.select}`}
        value={value}
        onChange={(event) => onChange(Number(event.target.value))}
      >
        {options.map((option, i) => (
          <option key={option} value={i}>
            {option}
          </option>
        ))}
      </select>
    </>
  );
}
