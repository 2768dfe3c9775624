import type { ReactNode } from 'react';
import s from './CheckBox.module.css';

interface CheckBoxProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly children: ReactNode;
}

export const CheckBox = ({ checked, onChange, children }: CheckBoxProps) => (
  <label className={s.label}>
    <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
    {children}
  </label>
);
