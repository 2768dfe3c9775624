import { RadioGroup } from 'radix-ui';
import { type ReactNode, useId } from 'react';
import s from './Choices.module.css';

export interface Choice {
  readonly value: string;
  readonly title: ReactNode;
  /** Beside the title, smaller: it is cut off where there is no room. */
  readonly about?: ReactNode;
  /** At the end of the line. */
  readonly aside?: ReactNode;
  readonly disabled?: boolean;
  /** Why it cannot be chosen. */
  readonly why?: string;
}

interface ChoicesProps {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly Choice[];
  readonly onChange: (value: string) => void;
}

const isOff = ({ disabled, why }: Choice): boolean => disabled === true || why !== undefined;

/** One of several, a line each. What cannot be chosen says why. */
export function Choices({ label, value, choices, onChange }: ChoicesProps) {
  const id = useId();
  return (
    <RadioGroup.Root className={s.choices} aria-label={label} value={value} onValueChange={onChange}>
      {choices.map((choice) => (
        <label
          key={choice.value}
          htmlFor={`${id}${choice.value}item`}
          className={s.choice}
          data-off={isOff(choice) || undefined}
        >
          <RadioGroup.Item
            id={`${id}${choice.value}item`}
            value={choice.value}
            className={s.mark}
            disabled={isOff(choice)}
            aria-labelledby={`${id}${choice.value}`}
            {...(choice.why !== undefined && { 'aria-describedby': `${id}${choice.value}why` })}
          >
            <RadioGroup.Indicator className={s.dot} />
          </RadioGroup.Item>
          <span id={`${id}${choice.value}`} className={s.words}>
            <span className={s.title}>{choice.title}</span>
            {choice.about !== undefined && <span className={s.about}>{choice.about}</span>}
            {choice.aside !== undefined && <span className={`numbers ${s.aside}`}>{choice.aside}</span>}
          </span>
          {choice.why !== undefined && (
            <span id={`${id}${choice.value}why`} className={s.why}>
              {choice.why}
            </span>
          )}
        </label>
      ))}
    </RadioGroup.Root>
  );
}
