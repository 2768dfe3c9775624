import s from './run.module.css';

interface NumberFieldProps {
  readonly title: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  /** 1, whole numbers, when absent. */
  readonly step?: number;
  readonly onChange: (value: number) => void;
}

/** A number between two bounds. What is half typed changes nothing. */
export const NumberField = ({ title, value, least, most, step = 1, onChange }: NumberFieldProps) => (
  <label className={s.field} data-narrow>
    {title}
    <input
      type="number"
      className="numbers"
      min={least}
      max={most}
      step={step}
      value={value}
      onChange={({ target }) => {
        const next = step === 1 ? Math.floor(Number(target.value)) : Number(target.value);
        if (target.value !== '' && Number.isFinite(next)) onChange(Math.min(most, Math.max(least, next)));
      }}
    />
  </label>
);
