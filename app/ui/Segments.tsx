import { ToggleGroup } from 'radix-ui';
import s from './Segments.module.css';

interface SegmentsProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [value: T, title: string])[];
  readonly onChange: (value: T) => void;
}

/** One of a few, side by side. */
export function Segments<T extends string>({ label, value, options, onChange }: SegmentsProps<T>) {
  return (
    <ToggleGroup.Root
      type="single"
      className={s.segments}
      aria-label={label}
      value={value}
      onValueChange={(next) => next && onChange(next as T)}
    >
      {options.map(([id, title]) => (
        <ToggleGroup.Item key={id} value={id} className={s.segment}>
          {title}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
